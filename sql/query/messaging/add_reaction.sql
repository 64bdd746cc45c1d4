-- $2 reacts to message $1 with emoji $3; again is no change.
WITH target AS MATERIALIZED (
  SELECT m.id, m.channel_id, c.version,
         CASE
           WHEN NOT
             -- @include channel_is_visible
           THEN 'not_found'
           WHEN a.profile_id IS NULL THEN 'not_member'
           WHEN m.deleted_at IS NOT NULL THEN 'deleted'
           WHEN c.archived_at IS NOT NULL THEN 'archived'
           WHEN EXISTS (SELECT FROM reaction_${region} x
                         WHERE x.message_id = m.id AND x.profile_id = $2::bigint AND x.emoji = $3::text) THEN 'same'
           WHEN m.reaction_count >= 1000 THEN 'full'
           ELSE 'changed'
         END AS verdict
    FROM message_${region} m
    JOIN channel_${region} c ON c.id = m.channel_id
    LEFT JOIN channel_member_${region} a ON a.channel_id = c.id AND a.profile_id = $2::bigint
   WHERE m.id = $1::bigint
), bumped AS (
  UPDATE channel_${region} c
     SET change_seq = c.change_seq + 1
    FROM target t
   WHERE t.verdict = 'changed' AND c.id = t.channel_id
         -- Who goes and what is archived moves it: as it was judged, or not at all.
         AND c.version = t.version
  RETURNING c.change_seq
), alive AS MATERIALIZED (
  -- Behind the channel's lock, and as it is now: it may just have been deleted.
  SELECT m.id, m.country, b.change_seq
    FROM message_${region} m, bumped b
   WHERE m.id = $1::bigint AND m.deleted_at IS NULL
     FOR NO KEY UPDATE OF m
), added AS (
  INSERT INTO reaction_${region} (message_id, profile_id, emoji, country, reacted_at)
  SELECT a.id, $2::bigint, $3::text, a.country, clock_timestamp()
    FROM alive a
  ON CONFLICT DO NOTHING
  RETURNING 1
), changed AS (
  -- Only when there was something to do: the same request may just have come first.
  UPDATE message_${region} m
     SET change_seq = a.change_seq,
         reaction_count = m.reaction_count + 1
    FROM alive a, added
   WHERE m.id = a.id
  RETURNING m.change_seq
)
SELECT CASE WHEN t.verdict = 'changed' AND b.change_seq IS NULL THEN 'again'
            WHEN t.verdict = 'changed' AND NOT EXISTS (SELECT FROM alive) THEN 'deleted'
            ELSE t.verdict END,
       b.change_seq AS moved_to,
       m.id, m.channel_id, m.sender_id, m.seq, m.change_seq, m.message, m.sent_at, m.edited_at, m.deleted_at,
       m.thread_root_id, m.client_msg_id, m.reply_count, m.reactions
  FROM target t
  LEFT JOIN bumped b ON true
  LEFT JOIN changed n ON true
  LEFT JOIN LATERAL meridian.message_now_${region}(
              -- When the change is made, and not before.
              CASE WHEN t.verdict IN ('changed', 'same') THEN t.id + 0 * coalesce(n.change_seq, 0) END) m ON true
