-- For each reader ($2) of a channel ($1), in their order: whether he may see it, and how far it has come.
SELECT c.id IS NOT NULL AS visible, coalesce(c.change_seq, 0), coalesce(c.last_seq, 0)
  FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS i (channel_id, profile_id, number)
  LEFT JOIN channel_${region} c
         ON c.id = i.channel_id
        AND (EXISTS (SELECT FROM channel_member_${region} a WHERE a.channel_id = c.id AND a.profile_id = i.profile_id)
            OR (NOT c.is_private AND NOT c.is_direct
                AND EXISTS (SELECT FROM workspaceprofile_${region} w
                             WHERE w.workspace_id = c.workspace_id AND w.profile_id = i.profile_id AND w.role <> 'guest')))
 ORDER BY i.number
