-- Message $1 gets text $3, which calls $5, from its sender $2, if it still is at version $4 (NULL: whatever it is). The same
-- text again is no change, so that a repeat is harmless.
WITH target AS MATERIALIZED (
  SELECT m.id, m.channel_id, c.version,
         CASE
           WHEN NOT
             -- @include channel_is_visible
           THEN 'not_found'
           WHEN a.profile_id IS NULL THEN 'not_member'
           WHEN m.deleted_at IS NOT NULL THEN 'deleted'
           WHEN c.archived_at IS NOT NULL THEN 'archived'
           WHEN m.sender_id <> $2::bigint THEN 'not_sender'
           WHEN m.message = $3::text THEN 'same'
           WHEN m.change_seq <> $4::bigint THEN 'stale'
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
), before AS MATERIALIZED (
  -- Behind the channel's lock, and as it is now: another edit may just have come first.
  SELECT m.id, m.change_seq, m.message, m.country, b.change_seq AS change_seq_new
    FROM message_${region} m, bumped b
   WHERE m.id = $1::bigint AND m.deleted_at IS NULL AND m.change_seq = coalesce($4::bigint, m.change_seq)
     FOR UPDATE OF m
), kept AS (
  INSERT INTO message_revision_${region} (message_id, change_seq, message, country, replaced_at)
  SELECT id, change_seq, message, country, clock_timestamp() FROM before
), changed AS (
  UPDATE message_${region} m
     SET message = $3::text, change_seq = b.change_seq_new, edited_at = clock_timestamp()
    FROM before b
   WHERE m.id = b.id
  RETURNING m.id, m.change_seq, m.channel_id, m.seq, m.country
), uncalled AS (
  DELETE FROM mention_${region} n
   USING changed c
   WHERE n.channel_id = c.channel_id AND n.seq = c.seq AND n.profile_id <> ALL ($5::bigint[])
), called AS (
  INSERT INTO mention_${region} (channel_id, profile_id, seq, country)
  SELECT c.channel_id, p.id, c.seq, c.country
    FROM unnest($5::bigint[]) AS p (id), changed c
  ON CONFLICT DO NOTHING
)
SELECT CASE WHEN t.verdict = 'changed' AND b.change_seq IS NULL THEN 'again'
            WHEN t.verdict = 'changed' AND n.id IS NULL THEN 'stale'
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
