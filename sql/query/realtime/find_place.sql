-- The channel $1, if $2 may see it, and how far it has come.
SELECT c.id, c.workspace_id, c.last_seq, c.change_seq, coalesce(r.read_seq, 0), c.version, m.profile_id IS NOT NULL
  FROM channel_${region} c
  JOIN workspaceprofile_${region} w ON w.workspace_id = c.workspace_id AND w.profile_id = $2::bigint
  LEFT JOIN channel_member_${region} m ON m.channel_id = c.id AND m.profile_id = $2::bigint
  LEFT JOIN read_cursor_${region} r ON r.channel_id = c.id AND r.profile_id = $2::bigint
 WHERE c.id = $1::bigint
   AND (m.profile_id IS NOT NULL OR NOT (c.is_private OR c.is_direct OR w.role = 'guest'))
