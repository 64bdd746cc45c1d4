-- Of the pairs of a channel $1 and a profile $2 those where the profile may not see the channel.
--
-- Joins, and no EXISTS behind OR: PostgreSQL 15 puts that into two places of the plan as one hashed subplan, and the
-- second place goes on with the hash of another pair.
SELECT asked.channel_id, asked.profile_id
  FROM unnest($1::bigint[], $2::bigint[]) AS asked (channel_id, profile_id)
  LEFT JOIN channel_${region} c ON c.id = asked.channel_id
  LEFT JOIN workspaceprofile_${region} w ON w.workspace_id = c.workspace_id AND w.profile_id = asked.profile_id
  LEFT JOIN channel_member_${region} m ON m.channel_id = c.id AND m.profile_id = asked.profile_id
 WHERE c.id IS NULL
    OR w.profile_id IS NULL
    OR (m.profile_id IS NULL AND (c.is_private OR c.is_direct OR w.role = 'guest'))
