       -- Message m as message_store reads it.
       m.id, m.channel_id, m.sender_id, m.seq, m.change_seq, m.message, m.sent_at, m.edited_at, m.deleted_at,
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
