-- Those of $1, behind the id $2, at most $3.
SELECT w.id, w.name, w.url, w.country, w.version, w.created_by, w.created_at, m.role, m.joined_at
  FROM workspaceprofile_${region} m
  JOIN workspace_${region} w ON w.id = m.workspace_id
 WHERE m.profile_id = $1::bigint AND w.id > $2::bigint
 ORDER BY w.id
 LIMIT $3::bigint
