-- A profile by its id ($1).
SELECT p.id, p.full_name, p.email, p.phone, p.title, p.time_zone, p.country, p.main_profile_id, p.version, p.created_at,
       p.deactivated_at
  FROM profile_${region} p
 WHERE p.id = $1::bigint
