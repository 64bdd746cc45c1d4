-- What message $1 said before each edit, oldest first, for reader $2; at most 200. One row of NULLs when it was not edited.
SELECT r.change_seq, r.message, r.replaced_at
  FROM message_${region} m
  JOIN channel_${region} c ON c.id = m.channel_id
  LEFT JOIN LATERAL (
           SELECT v.change_seq, v.message, v.replaced_at
             FROM message_revision_${region} v
            WHERE v.message_id = m.id AND m.deleted_at IS NULL
            ORDER BY v.change_seq
            LIMIT 200
       ) r ON true
 WHERE m.id = $1::bigint
   AND
       -- @include channel_is_visible
 ORDER BY r.change_seq
