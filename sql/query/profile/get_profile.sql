-- Profile $1. Whether the caller may see it is asked of the regions of their workspaces.
SELECT id, full_name, email, phone, title, time_zone, country, main_profile_id, version, created_at, deactivated_at
  FROM profile_${region}
 WHERE id = $1::bigint
