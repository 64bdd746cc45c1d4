-- What the checker reads: a page of a channel in its order. $1 channel_id, $2 the seq before, $3 how many.
SELECT id, sender_id, client_msg_id, seq, change_seq,
       ('x' || left(encode(sha256(convert_to(message, 'UTF8')), 'hex'), 16))::bit(64)::bigint AS digest,
       (extract(epoch FROM sent_at) * 1000000)::bigint AS sent_at_us
  FROM message_${region}
 WHERE channel_id = $1::bigint AND seq > $2::bigint
 ORDER BY seq
 LIMIT $3::bigint
