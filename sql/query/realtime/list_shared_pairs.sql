-- Of the pairs of profiles $1 and $2 those that are in a workspace of this region together.
SELECT DISTINCT asked.one, asked.other
  FROM unnest($1::bigint[], $2::bigint[]) AS asked (one, other)
  JOIN workspaceprofile_${region} a ON a.profile_id = asked.one
  JOIN workspaceprofile_${region} b ON b.workspace_id = a.workspace_id AND b.profile_id = asked.other
