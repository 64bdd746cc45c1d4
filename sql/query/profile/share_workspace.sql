-- Whether profiles $1 and $2 belong to one workspace of this region.
SELECT 1
  FROM workspaceprofile_${region} a
  JOIN workspaceprofile_${region} b ON b.workspace_id = a.workspace_id AND b.profile_id = $2::bigint
 WHERE a.profile_id = $1::bigint
 LIMIT 1
