-- The profiles of the person whose first one is $1.
SELECT id, full_name, email, phone, title, time_zone, country, main_profile_id, version, created_at, deactivated_at
  FROM profile_${region}
 WHERE main_profile_id = $1::bigint
 ORDER BY id
 LIMIT 50
