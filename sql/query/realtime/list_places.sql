-- The channels that $1 is in, behind the id $2, at most $3, and how far they have come. Archived ones, too:
-- they may come back.
SELECT c.id, c.workspace_id, c.last_seq, c.change_seq, coalesce(r.read_seq, 0), c.version, true
  FROM channel_member_${region} m
  JOIN channel_${region} c ON c.id = m.channel_id
  JOIN workspaceprofile_${region} w ON w.workspace_id = c.workspace_id AND w.profile_id = m.profile_id
  LEFT JOIN read_cursor_${region} r ON r.channel_id = c.id AND r.profile_id = m.profile_id
 WHERE m.profile_id = $1::bigint AND c.id > $2::bigint
 ORDER BY c.id
 LIMIT $3::bigint
