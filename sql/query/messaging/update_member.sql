-- $2 gives the member $3 of the workspace $1 the role $4.
--
-- The rows that decide are locked before they are judged: two owners who demote each other at the same time come one
-- after the other, and the second finds himself to be none.
WITH people AS MATERIALIZED (
  SELECT m.profile_id, m.role, m.joined_at
    FROM workspaceprofile_${region} m
   WHERE m.workspace_id = $1::bigint
     AND (m.profile_id IN ($2::bigint, $3::bigint) OR m.role = 'owner')
     AND EXISTS (SELECT FROM workspaceprofile_${region} c WHERE c.workspace_id = $1::bigint AND c.profile_id = $2::bigint)
   ORDER BY m.profile_id
     FOR UPDATE
), judged AS MATERIALIZED (
  SELECT t.profile_id, t.role, t.joined_at,
         CASE
           WHEN a.profile_id IS NULL THEN 'not_found'
           WHEN t.profile_id IS NULL THEN 'no_member'
           WHEN meridian.role_rank(a.role) < meridian.role_rank('admin')
                OR meridian.role_rank(t.role) > meridian.role_rank(a.role)
                OR meridian.role_rank($4::text) > meridian.role_rank(a.role) THEN 'forbidden'
           WHEN t.role = $4::text THEN 'done'
           WHEN t.role = 'owner' AND (SELECT count(*) FROM people WHERE role = 'owner') = 1 THEN 'last_owner'
           ELSE 'new'
         END AS verdict
    FROM (VALUES (1)) AS one
    LEFT JOIN people a ON a.profile_id = $2::bigint
    LEFT JOIN people t ON t.profile_id = $3::bigint
), updated AS (
  UPDATE workspaceprofile_${region} m
     SET role = $4::text
    FROM judged j
   WHERE j.verdict = 'new' AND m.workspace_id = $1::bigint AND m.profile_id = j.profile_id
  RETURNING m.profile_id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, 'role changed', 'workspace:' || $1::bigint,
         jsonb_build_object('profile_id', u.profile_id, 'from', j.role, 'to', $4::text)
    FROM updated u, judged j
)
SELECT j.verdict, j.profile_id, $4::text, j.joined_at
  FROM judged j
