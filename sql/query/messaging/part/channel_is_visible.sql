       -- Whether $2 may see channel c.
       (EXISTS (SELECT FROM channel_member_${region} a WHERE a.channel_id = c.id AND a.profile_id = $2::bigint)
        OR (NOT c.is_private AND NOT c.is_direct
            AND EXISTS (SELECT FROM workspaceprofile_${region} w
                         WHERE w.workspace_id = c.workspace_id AND w.profile_id = $2::bigint AND w.role <> 'guest')))
