-- One message: $1 id, $2 channel, $3 sender, $4 the sender's own id, $5 text, $6 thread root, $7 who is called. The same
-- as send_messages for a batch of one.
WITH judged AS MATERIALIZED (
  SELECT p.id, p.country, p.version,
         CASE
           WHEN p.id IS NULL THEN 'not_found'
           WHEN m.profile_id IS NULL THEN
             CASE WHEN NOT (p.is_private OR p.is_direct)
                       AND EXISTS (SELECT FROM workspaceprofile_${region} w
                                    WHERE w.workspace_id = p.workspace_id AND w.profile_id = $3::bigint
                                      AND w.role <> 'guest')
                  THEN 'not_member' ELSE 'not_found' END
           WHEN $4::text IS NOT NULL
                AND EXISTS (SELECT FROM message_${region} s
                             WHERE s.channel_id = $2::bigint AND s.sender_id = $3::bigint
                               AND s.client_msg_id = $4::text) THEN 'repeat'
           WHEN $4::text IS NULL
                AND EXISTS (SELECT FROM message_${region} s
                             WHERE s.id = $1::bigint AND s.channel_id = $2::bigint AND s.sender_id = $3::bigint)
             THEN 'repeat'  -- this very statement, whose answer was lost with its connection
           WHEN p.archived_at IS NOT NULL THEN 'archived'
           WHEN $6::bigint IS NOT NULL
                AND NOT EXISTS (SELECT FROM message_${region} r
                                 WHERE r.id = $6::bigint AND r.channel_id = $2::bigint
                                   AND r.thread_root_id IS NULL) THEN 'no_thread'
           ELSE 'new'
         END AS verdict
    FROM (VALUES ($2::bigint)) AS wanted (channel_id)
    LEFT JOIN channel_${region} p ON p.id = wanted.channel_id
    LEFT JOIN channel_member_${region} m ON m.channel_id = wanted.channel_id AND m.profile_id = $3::bigint
), bumped AS (
  UPDATE channel_${region} c
     SET last_seq = c.last_seq + 1,
         change_seq = c.change_seq + 1,
         last_message_at = greatest(clock_timestamp(), c.last_message_at + interval '1 microsecond')
    FROM judged j
   WHERE j.verdict = 'new' AND c.id = j.id
         -- Who goes and what is archived moves it: as it was judged, or not at all.
         AND c.version = j.version
  RETURNING c.last_seq, c.change_seq, c.last_message_at, c.country
), inserted AS (
  INSERT INTO message_${region}
         (id, channel_id, sender_id, message, sent_at, country, seq, change_seq, client_msg_id, thread_root_id)
  SELECT $1::bigint, $2::bigint, $3::bigint, $5::text, b.last_message_at, b.country, b.last_seq, b.change_seq, $4::text,
         $6::bigint
    FROM bumped b
  RETURNING country, seq, change_seq, sent_at
), moved AS (
  UPDATE read_cursor_${region} r
     SET read_seq = n.seq, read_at = n.sent_at
    FROM inserted n
   WHERE r.channel_id = $2::bigint AND r.profile_id = $3::bigint AND r.read_seq < n.seq
), begun AS (
  INSERT INTO read_cursor_${region} (channel_id, profile_id, country, read_seq, read_at)
  SELECT $2::bigint, $3::bigint, n.country, n.seq, n.sent_at
    FROM inserted n
   WHERE NOT EXISTS (SELECT FROM read_cursor_${region} r WHERE r.channel_id = $2::bigint AND r.profile_id = $3::bigint)
  ON CONFLICT (channel_id, profile_id) DO UPDATE
     SET read_seq = greatest(read_cursor_${region}.read_seq, excluded.read_seq), read_at = excluded.read_at
), answered AS (
  UPDATE message_${region} r
     SET reply_count = r.reply_count + 1
    FROM inserted
   WHERE r.id = $6::bigint
), called AS (
  INSERT INTO mention_${region} (channel_id, profile_id, seq, country)
  SELECT $2::bigint, m.profile_id, n.seq, n.country
    FROM unnest($7::bigint[]) AS m (profile_id), inserted n
  ON CONFLICT DO NOTHING
)
SELECT j.verdict, n.seq, n.change_seq, n.sent_at
  FROM judged j
  LEFT JOIN inserted n ON true
