-- What sender $2 posted to channel $1 under his own id $3: a repeat answers with it.
SELECT c.change_seq AS channel_change_seq, c.last_seq,
       -- @include message_columns
  FROM message_${region} m
  JOIN channel_${region} c ON c.id = m.channel_id
 WHERE m.channel_id = $1::bigint AND m.sender_id = $2::bigint AND m.client_msg_id = $3::text
