-- The invitations to the workspace $1 behind the id $3, at most $4, for its admin $2. One row of nulls beside the verdict
-- when there is none.
SELECT CASE WHEN meridian.role_rank(c.role) < meridian.role_rank('admin') THEN 'forbidden' ELSE 'done' END,
       i.id, i.workspace_id, i.role, i.created_by, i.created_at, i.expires_at, i.uses_max, i.uses, i.revoked_at
  FROM workspaceprofile_${region} c
  LEFT JOIN LATERAL (
    SELECT n.*
      FROM identity.invitation_${region} n
     WHERE n.workspace_id = c.workspace_id AND n.id > $3::bigint
       AND meridian.role_rank(c.role) >= meridian.role_rank('admin')
     ORDER BY n.id
     LIMIT $4::bigint
  ) i ON true
 WHERE c.workspace_id = $1::bigint AND c.profile_id = $2::bigint
 ORDER BY i.id
