-- $2 takes $3 out of the channel $1: himself, or as its maker or an admin somebody who is not above him.
WITH judged AS MATERIALIZED (
  SELECT c.id, c.workspace_id,
         CASE
           WHEN c.is_direct THEN 'direct'
           WHEN $2::bigint = $3::bigint THEN 'new'
           WHEN (meridian.role_rank(w.role) < meridian.role_rank('admin') AND c.created_by IS DISTINCT FROM $2::bigint)
                OR meridian.role_rank(p.role) > meridian.role_rank(w.role) THEN 'forbidden'
           ELSE 'new'
         END AS verdict
    FROM channel_${region} c
    JOIN workspaceprofile_${region} w ON w.workspace_id = c.workspace_id AND w.profile_id = $2::bigint
    LEFT JOIN channel_member_${region} m ON m.channel_id = c.id AND m.profile_id = $2::bigint
    LEFT JOIN workspaceprofile_${region} p ON p.workspace_id = c.workspace_id AND p.profile_id = $3::bigint
   WHERE c.id = $1::bigint
     AND (m.profile_id IS NOT NULL OR NOT (c.is_private OR c.is_direct OR w.role = 'guest'))
), gone AS (
  DELETE FROM channel_member_${region} m
   USING judged j
   WHERE j.verdict = 'new' AND m.channel_id = j.id AND m.profile_id = $3::bigint
  RETURNING m.channel_id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, CASE WHEN $2::bigint = $3::bigint THEN 'channel left' ELSE 'channel member removed' END,
         'channel:' || g.channel_id, jsonb_build_object('profile_id', $3::bigint)
    FROM gone g
)
SELECT CASE WHEN j.verdict = 'new' AND NOT EXISTS (SELECT FROM gone) THEN 'done' ELSE j.verdict END, j.workspace_id
  FROM judged j
