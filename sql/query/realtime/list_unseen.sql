-- Of the pairs of a channel $1 and a profile $2 those where the profile may not see the channel.
SELECT asked.channel_id, asked.profile_id
  FROM unnest($1::bigint[], $2::bigint[]) AS asked (channel_id, profile_id)
 WHERE NOT EXISTS (
         SELECT
           FROM channel_${region} c
           JOIN workspaceprofile_${region} w ON w.workspace_id = c.workspace_id AND w.profile_id = asked.profile_id
          WHERE c.id = asked.channel_id
            AND (EXISTS (SELECT FROM channel_member_${region} m
                          WHERE m.channel_id = c.id AND m.profile_id = asked.profile_id)
                 OR NOT (c.is_private OR c.is_direct OR w.role = 'guest')))
