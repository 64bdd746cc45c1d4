-- The members of the workspace $1 behind the profile $3, at most $4, for its member $2. No row when he is none; one of
-- nulls when nobody is left to list.
SELECT p.profile_id, p.role, p.joined_at
  FROM workspaceprofile_${region} caller
  LEFT JOIN LATERAL (
    SELECT m.profile_id, m.role, m.joined_at
      FROM workspaceprofile_${region} m
     WHERE m.workspace_id = caller.workspace_id AND m.profile_id > $3::bigint
     ORDER BY m.profile_id
     LIMIT $4::bigint
  ) p ON true
 WHERE caller.workspace_id = $1::bigint AND caller.profile_id = $2::bigint
 ORDER BY p.profile_id
