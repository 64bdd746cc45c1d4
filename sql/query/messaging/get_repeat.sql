-- What sender $2 posted to channel $1 under his own id $3, or else under the id $4: a repeat answers with it.
SELECT c.change_seq AS channel_change_seq, c.last_seq,
       -- @include message_columns
  FROM message_${region} m
  JOIN channel_${region} c ON c.id = m.channel_id
 WHERE m.id = coalesce((SELECT s.id
                          FROM message_${region} s
                         WHERE s.channel_id = $1::bigint AND s.sender_id = $2::bigint AND s.client_msg_id = $3::text),
                       $4::bigint)
   AND m.channel_id = $1::bigint AND m.sender_id = $2::bigint
