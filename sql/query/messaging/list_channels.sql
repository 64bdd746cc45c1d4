-- The channels of the workspace $1 that its member $2 may see: those he is in or not (null: both) by $3, archived or not by
-- $4, behind the id $5, at most $6. No row when he is no member; one of nulls when no channel is left to list.
SELECT p.*
  FROM workspaceprofile_${region} w
  LEFT JOIN LATERAL (
    SELECT c.id, c.workspace_id, c.name, c.topic, c.is_private OR c.is_direct AS is_private, c.is_direct,
           c.archived_at IS NOT NULL AS is_archived, m.profile_id IS NOT NULL AS is_member, c.last_seq, c.change_seq,
           coalesce(r.read_seq, 0) AS read_seq, coalesce(c.direct_key, '') AS direct_key, c.version, c.created_by,
           c.created_at, NULL::bigint AS member_count,
       -- @include unread_mentions
           AS unread_mention_count
      FROM channel_${region} c
      LEFT JOIN channel_member_${region} m ON m.channel_id = c.id AND m.profile_id = $2::bigint
      LEFT JOIN read_cursor_${region} r ON r.channel_id = c.id AND r.profile_id = $2::bigint
     WHERE c.workspace_id = w.workspace_id AND c.id > $5::bigint
       AND (m.profile_id IS NOT NULL OR NOT (c.is_private OR c.is_direct OR w.role = 'guest'))
       AND ($3::boolean IS NULL OR $3::boolean = (m.profile_id IS NOT NULL))
       AND $4::boolean = (c.archived_at IS NOT NULL)
     ORDER BY c.id
     LIMIT $6::bigint
  ) p ON true
 WHERE w.workspace_id = $1::bigint AND w.profile_id = $2::bigint
 ORDER BY p.id
