-- Message $1 loses its text for good, and by a trigger all that hangs on it; what stays is its place. For its sender, and
-- for the workspace's admins outside direct channels; $2 asks.
WITH target AS MATERIALIZED (
  SELECT m.id, m.channel_id, m.thread_root_id,
         CASE
           WHEN NOT
             -- @include channel_is_visible
           THEN 'not_found'
           WHEN m.sender_id <> $2::bigint
                AND (c.is_direct
                     OR NOT EXISTS (SELECT FROM workspaceprofile_${region} w
                                     WHERE w.workspace_id = c.workspace_id AND w.profile_id = $2::bigint
                                       AND w.role IN ('owner', 'admin'))) THEN 'not_sender'
           WHEN m.deleted_at IS NOT NULL THEN 'same'
           ELSE 'changed'
         END AS verdict
    FROM message_${region} m
    JOIN channel_${region} c ON c.id = m.channel_id
   WHERE m.id = $1::bigint
), bumped AS (
  UPDATE channel_${region} c
     SET change_seq = c.change_seq + 1
    FROM target t
   WHERE t.verdict = 'changed' AND c.id = t.channel_id
  RETURNING c.change_seq
), removed AS (
  UPDATE message_${region} m
     SET message = '', deleted_at = clock_timestamp(), change_seq = b.change_seq, reaction_count = 0
    FROM bumped b
   WHERE m.id = $1::bigint AND m.deleted_at IS NULL
  RETURNING m.id, m.change_seq
), thread AS (
  UPDATE message_${region} m
     SET reply_count = m.reply_count - 1
    FROM target t, removed r
   WHERE m.id = t.thread_root_id
)
SELECT t.verdict, b.change_seq AS moved_to,
       m.id, m.channel_id, m.sender_id, m.seq, m.change_seq, m.message, m.sent_at, m.edited_at, m.deleted_at,
       m.thread_root_id, m.client_msg_id, m.reply_count, m.reactions
  FROM target t
  LEFT JOIN bumped b ON true
  LEFT JOIN removed n ON true
  LEFT JOIN LATERAL meridian.message_now_${region}(
              -- When the change is made, and not before.
              CASE WHEN t.verdict IN ('changed', 'same') THEN t.id + 0 * coalesce(n.change_seq, 0) END) m ON true
