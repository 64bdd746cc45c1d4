-- Of the profiles $2 those that are in a workspace of this region with $1.
SELECT DISTINCT b.profile_id
  FROM workspaceprofile_${region} a
  JOIN workspaceprofile_${region} b ON b.workspace_id = a.workspace_id
 WHERE a.profile_id = $1::bigint AND b.profile_id = ANY ($2::bigint[])
