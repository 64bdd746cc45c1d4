-- What was posted, edited, deleted or reacted to in a channel after change $3, each message once, as it is now, in the
-- order of its last change; at most $4, for reader $2.
SELECT c.change_seq AS channel_change_seq, c.last_seq,
       -- @include message_columns
  FROM channel_${region} c
  LEFT JOIN LATERAL (
           SELECT m.*
             FROM message_${region} m
            WHERE m.channel_id = c.id AND m.change_seq > $3::bigint
            ORDER BY m.change_seq
            LIMIT $4::bigint
       ) m ON true
 WHERE c.id = $1::bigint
   AND
       -- @include channel_is_visible
 ORDER BY m.change_seq
