-- Who is in the channel $1, behind the profile $3, at most $4, for $2, who sees it. No row when he does not; one of nulls
-- when nobody is left to list.
SELECT p.profile_id, p.role, p.joined_at
  FROM channel_${region} c
  JOIN workspaceprofile_${region} w ON w.workspace_id = c.workspace_id AND w.profile_id = $2::bigint
  LEFT JOIN channel_member_${region} m ON m.channel_id = c.id AND m.profile_id = $2::bigint
  LEFT JOIN LATERAL (
    SELECT n.profile_id, k.role, n.joined_at
      FROM channel_member_${region} n
      JOIN workspaceprofile_${region} k ON k.workspace_id = c.workspace_id AND k.profile_id = n.profile_id
     WHERE n.channel_id = c.id AND n.profile_id > $3::bigint
     ORDER BY n.profile_id
     LIMIT $4::bigint
  ) p ON true
 WHERE c.id = $1::bigint
   AND (m.profile_id IS NOT NULL OR NOT (c.is_private OR c.is_direct OR w.role = 'guest'))
 ORDER BY p.profile_id
