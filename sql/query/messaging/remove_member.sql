-- $2 takes the member $3 out of the workspace $1: himself, or somebody who is not above him. A trigger takes him out of
-- the channels. The rows that decide are locked first, as in update_member.
WITH people AS MATERIALIZED (
  SELECT m.profile_id, m.role
    FROM workspaceprofile_${region} m
   WHERE m.workspace_id = $1::bigint
     AND (m.profile_id IN ($2::bigint, $3::bigint) OR m.role = 'owner')
     AND EXISTS (SELECT FROM workspaceprofile_${region} c WHERE c.workspace_id = $1::bigint AND c.profile_id = $2::bigint)
   ORDER BY m.profile_id
     FOR UPDATE
), judged AS MATERIALIZED (
  SELECT t.profile_id,
         CASE
           WHEN a.profile_id IS NULL THEN 'not_found'
           WHEN $2::bigint <> $3::bigint
                AND (meridian.role_rank(a.role) < meridian.role_rank('admin')
                     OR meridian.role_rank(t.role) > meridian.role_rank(a.role)) THEN 'forbidden'
           WHEN t.profile_id IS NULL THEN 'done'
           WHEN t.role = 'owner' AND (SELECT count(*) FROM people WHERE role = 'owner') = 1 THEN 'last_owner'
           ELSE 'new'
         END AS verdict
    FROM (VALUES (1)) AS one
    LEFT JOIN people a ON a.profile_id = $2::bigint
    LEFT JOIN people t ON t.profile_id = $3::bigint
), removed AS (
  DELETE FROM workspaceprofile_${region} m
   USING judged j
   WHERE j.verdict = 'new' AND m.workspace_id = $1::bigint AND m.profile_id = j.profile_id
  RETURNING m.profile_id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, CASE WHEN r.profile_id = $2::bigint THEN 'workspace left' ELSE 'member removed' END,
         'workspace:' || $1::bigint, jsonb_build_object('profile_id', r.profile_id)
    FROM removed r
)
-- The channels that he was in when it began.
SELECT j.verdict,
       ARRAY(SELECT m.channel_id
               FROM channel_member_${region} m
               JOIN channel_${region} c ON c.id = m.channel_id
              WHERE c.workspace_id = $1::bigint AND m.profile_id = j.profile_id AND j.verdict = 'new'
              ORDER BY m.channel_id
              LIMIT 1000) AS channel_ids
  FROM judged j
