-- The workspace $1 as its member $2 sees it.
SELECT w.id, w.name, w.url, w.country, w.version, w.created_by, w.created_at, m.role, m.joined_at
  FROM workspace_${region} w
  JOIN workspaceprofile_${region} m ON m.workspace_id = w.id AND m.profile_id = $2::bigint
 WHERE w.id = $1::bigint
