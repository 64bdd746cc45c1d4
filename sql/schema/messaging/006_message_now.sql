-- A message as statements answer with that have just changed it. They waited for the channel, and what others committed
-- meanwhile, a reaction perhaps, is not in their own snapshot; a volatile function takes a new one.

-- @region
CREATE OR REPLACE FUNCTION meridian.message_now_${region}(wanted_id bigint)
RETURNS TABLE (
  id bigint, channel_id bigint, sender_id bigint, seq bigint, change_seq bigint, message text, sent_at timestamptz,
  edited_at timestamptz, deleted_at timestamptz, thread_root_id bigint, client_msg_id text, reply_count int,
  reactions text
)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
  SELECT m.id, m.channel_id, m.sender_id, m.seq, m.change_seq, m.message, m.sent_at, m.edited_at, m.deleted_at,
         m.thread_root_id, m.client_msg_id, m.reply_count,
         CASE WHEN m.reaction_count > 0 THEN
           (SELECT json_agg(json_build_object('emoji', e.emoji, 'count', e.count, 'profile_ids', to_json(e.ids[1:50]))
                            ORDER BY e.first_at, e.emoji)::text
              FROM (SELECT x.emoji, count(*) AS count, min(x.reacted_at) AS first_at,
                           array_agg(x.profile_id::text ORDER BY x.reacted_at, x.profile_id) AS ids
                      FROM public.reaction_${region} x
                     WHERE x.message_id = m.id
                     GROUP BY x.emoji) e)
         END
    FROM public.message_${region} m
   WHERE m.id = wanted_id;
END
$$;
