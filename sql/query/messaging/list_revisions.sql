-- What message $1 said before each edit behind $3, oldest first, at most $4, for reader $2. One row of NULLs for none.
SELECT r.change_seq, r.message, r.replaced_at
  FROM message_${region} m
  JOIN channel_${region} c ON c.id = m.channel_id
  LEFT JOIN LATERAL (
           SELECT v.change_seq, v.message, v.replaced_at
             FROM message_revision_${region} v
            WHERE v.message_id = m.id AND v.change_seq > $3::bigint AND m.deleted_at IS NULL
            ORDER BY v.change_seq
            LIMIT $4::bigint
       ) r ON true
 WHERE m.id = $1::bigint
   AND
       -- @include channel_is_visible
 ORDER BY r.change_seq
