-- The people of the workspaces of this region that $1 belongs to, himself too; at most $2.
SELECT DISTINCT b.profile_id
  FROM workspaceprofile_${region} a
  JOIN workspaceprofile_${region} b ON b.workspace_id = a.workspace_id
 WHERE a.profile_id = $1::bigint
 ORDER BY b.profile_id
 LIMIT $2::bigint
