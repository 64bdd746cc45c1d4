-- For each reader ($2) of a channel ($1), in their order: whether he may see it, and how far it has come. LIMIT keeps each
-- right a look-up by key for its own pair, whatever plan the server would think of for all of them.
SELECT c.id IS NOT NULL AS visible, coalesce(c.change_seq, 0), coalesce(c.last_seq, 0)
  FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS i (channel_id, profile_id, number)
  LEFT JOIN LATERAL (
           SELECT p.id, p.change_seq, p.last_seq
             FROM channel_${region} p
            WHERE p.id = i.channel_id
              AND ((SELECT true FROM channel_member_${region} a
                     WHERE a.channel_id = p.id AND a.profile_id = i.profile_id
                     LIMIT 1)
                   OR (NOT p.is_private AND NOT p.is_direct
                       AND (SELECT true FROM workspaceprofile_${region} w
                             WHERE w.workspace_id = p.workspace_id AND w.profile_id = i.profile_id
                               AND w.role <> 'guest'
                             LIMIT 1)))
            LIMIT 1
       ) c ON true
 ORDER BY i.number
