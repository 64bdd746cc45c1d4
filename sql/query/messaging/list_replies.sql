-- The replies to message $1 after $3, at most $4, for reader $2. A root without any answers one row of NULLs.
SELECT c.change_seq AS channel_change_seq, c.last_seq,
       -- @include message_columns
  FROM message_${region} t
  JOIN channel_${region} c ON c.id = t.channel_id
  LEFT JOIN LATERAL (
           SELECT m.*
             FROM message_${region} m
            WHERE m.thread_root_id = t.id AND m.seq > $3::bigint
            ORDER BY m.seq
            LIMIT $4::bigint
       ) m ON true
 WHERE t.id = $1::bigint
   AND
       -- @include channel_is_visible
 ORDER BY m.seq
