-- Message $1 for reader $2.
SELECT c.change_seq AS channel_change_seq, c.last_seq,
       -- @include message_columns
  FROM message_${region} m
  JOIN channel_${region} c ON c.id = m.channel_id
 WHERE m.id = $1::bigint
   AND
       -- @include channel_is_visible
