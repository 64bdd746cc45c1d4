-- A batch of messages, each with its sender's right to post: $1 ids, $2 channels, $3 senders, $4 the senders' own ids,
-- $5 texts, $6 thread roots; $7 and $8 the mentions: the number of the message in the batch, and who is called.
-- Every message gets a row: its verdict, and its place when it is new.
WITH input AS MATERIALIZED (
  SELECT *
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[])
         WITH ORDINALITY AS i (id, channel_id, sender_id, client_msg_id, message, thread_root_id, number)
), locked AS MATERIALIZED (
  -- In the order of their ids, so that batches of several servers don't wait for each other in a circle.
  SELECT id, country, workspace_id, is_private OR is_direct AS is_closed, archived_at, version
    FROM channel_${region}
   WHERE id = ANY ($2)
   ORDER BY id
     FOR NO KEY UPDATE
), place AS MATERIALIZED (
  -- Who comes, goes or archives moves the version. Where that happened while this waited for the lock, its snapshot of the
  -- members is old.
  SELECT l.*, l.version <> (SELECT s.version FROM channel_${region} s WHERE s.id = l.id LIMIT 1) AS is_old
    FROM locked l
), judged AS MATERIALIZED (
  -- LIMIT keeps each look-up one probe of an index, also in a plan that was made while the tables were small.
  SELECT i.*, p.country,
         CASE
           WHEN p.id IS NULL THEN 'not_found'
           WHEN p.is_old THEN 'again'
           WHEN m.found IS NULL THEN
             CASE WHEN NOT p.is_closed
                       AND (SELECT true FROM workspaceprofile_${region} w
                             WHERE w.workspace_id = p.workspace_id AND w.profile_id = i.sender_id
                               AND w.role <> 'guest'
                             LIMIT 1)
                  THEN 'not_member' ELSE 'not_found' END
           WHEN i.client_msg_id IS NOT NULL
                AND (SELECT true FROM message_${region} s
                      WHERE s.channel_id = i.channel_id AND s.sender_id = i.sender_id
                        AND s.client_msg_id = i.client_msg_id
                      LIMIT 1) THEN 'repeat'
           WHEN i.client_msg_id IS NULL
                AND (SELECT true FROM message_${region} s
                      WHERE s.id = i.id AND s.channel_id = i.channel_id AND s.sender_id = i.sender_id
                      LIMIT 1) THEN 'repeat'  -- this very statement, whose answer was lost with its connection
           WHEN p.archived_at IS NOT NULL THEN 'archived'
           WHEN i.thread_root_id IS NOT NULL
                AND (SELECT true FROM message_${region} r
                      WHERE r.id = i.thread_root_id AND r.channel_id = i.channel_id
                        AND r.thread_root_id IS NULL
                      LIMIT 1) IS NULL THEN 'no_thread'
           ELSE 'new'
         END AS verdict
    FROM input i
    LEFT JOIN place p ON p.id = i.channel_id
    LEFT JOIN LATERAL (SELECT true AS found FROM channel_member_${region} m
                        WHERE m.channel_id = i.channel_id AND m.profile_id = i.sender_id
                        LIMIT 1) m ON true
), fresh AS MATERIALIZED (
  SELECT *, row_number() OVER (PARTITION BY channel_id ORDER BY number) AS step,
         count(*) OVER (PARTITION BY channel_id) AS steps
    FROM judged
   WHERE verdict = 'new'
), bumped AS (
  UPDATE channel_${region} c
     SET last_seq = c.last_seq + f.steps,
         change_seq = c.change_seq + f.steps,
         -- Never equal, never back: the order of sent_at is the order of seq.
         last_message_at = greatest(clock_timestamp(), c.last_message_at + f.steps * interval '1 microsecond')
    FROM fresh f
   WHERE f.step = 1 AND c.id = f.channel_id
  RETURNING c.id, c.last_seq - f.steps AS seq, c.change_seq - f.steps AS change_seq, c.last_message_at, f.steps
), inserted AS (
  INSERT INTO message_${region}
         (id, channel_id, sender_id, message, sent_at, country, seq, change_seq, client_msg_id, thread_root_id)
  SELECT f.id, f.channel_id, f.sender_id, f.message,
         b.last_message_at - (b.steps - f.step) * interval '1 microsecond',
         f.country, b.seq + f.step, b.change_seq + f.step, f.client_msg_id, f.thread_root_id
    FROM fresh f
    JOIN bumped b ON b.id = f.channel_id
  RETURNING id, channel_id, sender_id, country, seq, change_seq, sent_at
), seen AS (
  SELECT channel_id, sender_id, country, max(seq) AS seq, max(sent_at) AS sent_at
    FROM inserted
   GROUP BY channel_id, sender_id, country
), moved AS (
  -- Who writes has read what stands above.
  UPDATE read_cursor_${region} r
     SET read_seq = s.seq, read_at = s.sent_at
    FROM seen s
   WHERE r.channel_id = s.channel_id AND r.profile_id = s.sender_id AND r.read_seq < s.seq
), begun AS (
  INSERT INTO read_cursor_${region} (channel_id, profile_id, country, read_seq, read_at)
  SELECT s.channel_id, s.sender_id, s.country, s.seq, s.sent_at
    FROM seen s
   WHERE NOT EXISTS (SELECT FROM read_cursor_${region} r
                      WHERE r.channel_id = s.channel_id AND r.profile_id = s.sender_id)
  ON CONFLICT (channel_id, profile_id) DO UPDATE
     SET read_seq = greatest(read_cursor_${region}.read_seq, excluded.read_seq), read_at = excluded.read_at
), answered AS (
  UPDATE message_${region} r
     SET reply_count = r.reply_count + n.replies
    FROM (SELECT thread_root_id, count(*) AS replies FROM fresh WHERE thread_root_id IS NOT NULL GROUP BY 1) n
   WHERE r.id = n.thread_root_id
), called AS (
  INSERT INTO mention_${region} (channel_id, profile_id, seq, country)
  SELECT n.channel_id, m.profile_id, n.seq, n.country
    FROM unnest($7::bigint[], $8::bigint[]) AS m (number, profile_id)
    JOIN fresh f ON f.number = m.number
    JOIN inserted n ON n.id = f.id
  ON CONFLICT DO NOTHING
)
SELECT j.verdict, n.seq, n.change_seq, n.sent_at
  FROM judged j
  LEFT JOIN inserted n ON n.id = j.id
 ORDER BY j.number
