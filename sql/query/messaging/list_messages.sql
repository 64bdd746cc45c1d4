-- The newest messages of a channel before one ($3 seq, NULL for the end), at most $4, for reader $2, oldest first. A
-- channel without any answers one row of NULLs; one that the reader may not see answers none.
SELECT c.change_seq AS channel_change_seq, c.last_seq, m.id, m.channel_id, m.sender_id, m.seq, m.change_seq, m.message, m.sent_at, m.edited_at, m.deleted_at,
       m.thread_root_id, m.client_msg_id, m.reply_count,
       CASE WHEN m.reaction_count > 0 THEN
         (SELECT json_agg(json_build_object('emoji', e.emoji, 'count', e.count, 'profile_ids', to_json(e.ids[1:50]))
                          ORDER BY e.first_at, e.emoji)::text
            FROM (SELECT x.emoji, count(*) AS count, min(x.reacted_at) AS first_at,
                         array_agg(x.profile_id::text ORDER BY x.reacted_at, x.profile_id) AS ids
                    FROM reaction_${region} x
                   WHERE x.message_id = m.id
                   GROUP BY x.emoji) e)
       END AS reactions
  FROM channel_${region} c
  LEFT JOIN LATERAL (
           SELECT m.*
             FROM message_${region} m
            WHERE m.channel_id = c.id AND m.seq < coalesce($3::bigint, 9223372036854775807)
            ORDER BY m.seq DESC
            LIMIT $4::bigint
       ) m ON true
 WHERE c.id = $1::bigint
   AND (EXISTS (SELECT FROM channel_member_${region} a WHERE a.channel_id = c.id AND a.profile_id = $2::bigint)
        OR (NOT c.is_private AND NOT c.is_direct
            AND EXISTS (SELECT FROM workspaceprofile_${region} w
                         WHERE w.workspace_id = c.workspace_id AND w.profile_id = $2::bigint AND w.role <> 'guest')))
 ORDER BY m.seq
