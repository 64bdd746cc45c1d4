-- As list_messages, the oldest messages after $3.
SELECT c.change_seq AS channel_change_seq, c.last_seq,
       -- @include message_columns
  FROM channel_${region} c
  LEFT JOIN LATERAL (
           SELECT m.*
             FROM message_${region} m
            WHERE m.channel_id = c.id AND m.seq > $3::bigint
            ORDER BY m.seq
            LIMIT $4::bigint
       ) m ON true
 WHERE c.id = $1::bigint
   AND
       -- @include channel_is_visible
 ORDER BY m.seq
