-- The newest messages of a channel before one ($3 seq, NULL for the end), at most $4, for reader $2, oldest first. A
-- channel without any answers one row of NULLs; one that the reader may not see answers none.
SELECT c.change_seq AS channel_change_seq, c.last_seq,
       -- @include message_columns
  FROM channel_${region} c
  LEFT JOIN LATERAL (
           SELECT m.*
             FROM message_${region} m
            WHERE m.channel_id = c.id AND m.seq < coalesce($3::bigint, 9223372036854775807)
            ORDER BY m.seq DESC
            LIMIT $4::bigint
       ) m ON true
 WHERE c.id = $1::bigint
   AND
       -- @include channel_is_visible
 ORDER BY m.seq
