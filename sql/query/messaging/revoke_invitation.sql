-- $2 takes the invitation $1 back.
WITH judged AS MATERIALIZED (
  SELECT i.id, i.workspace_id,
         CASE
           WHEN meridian.role_rank(c.role) < meridian.role_rank('admin') THEN 'forbidden'
           WHEN i.revoked_at IS NOT NULL THEN 'done'
           ELSE 'new'
         END AS verdict
    FROM identity.invitation_${region} i
    JOIN workspaceprofile_${region} c ON c.workspace_id = i.workspace_id AND c.profile_id = $2::bigint
   WHERE i.id = $1::bigint
), revoked AS (
  UPDATE identity.invitation_${region} i
     SET revoked_at = now()
    FROM judged j
   WHERE j.verdict = 'new' AND i.id = j.id AND i.revoked_at IS NULL
  RETURNING i.id, i.workspace_id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, 'invitation revoked', 'invitation:' || r.id, jsonb_build_object('workspace_id', r.workspace_id)
    FROM revoked r
)
SELECT j.verdict
  FROM judged j
