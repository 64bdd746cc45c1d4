-- Moves the channels' counters to the messages that are in them: $1 the first channel's id, $2 how many channels.
UPDATE channel_${region} AS c
   SET last_seq = found.seq, change_seq = found.change_seq, last_message_at = found.sent_at
  FROM (SELECT $1::bigint + i AS id, newest.*
          FROM generate_series(0, $2::bigint - 1) AS i,
               LATERAL (SELECT seq, change_seq, sent_at FROM message_${region}
                         WHERE channel_id = $1::bigint + i ORDER BY seq DESC LIMIT 1) AS newest) AS found
 WHERE c.id = found.id
