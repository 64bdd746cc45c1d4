-- Those of the profiles $2 who belong to a workspace of this region that $1 belongs to.
SELECT DISTINCT b.profile_id
  FROM workspaceprofile_${region} a
  JOIN workspaceprofile_${region} b ON b.workspace_id = a.workspace_id AND b.profile_id = ANY ($2::bigint[])
 WHERE a.profile_id = $1::bigint
