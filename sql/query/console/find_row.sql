-- What has the id $1 in this region: its kind, name, country, relation, file on this node and what it belongs to, of
-- what $2 may see. Profiles are told whoever asks; a row 'colleague' says that $2 shares a workspace of this region with
-- that profile.
SELECT 'profile' AS kind, p.full_name AS name, p.country, p.tableoid::regclass::text AS relation,
       pg_relation_filepath(p.tableoid) AS file, p.main_profile_id AS belongs_to
  FROM profile_${region} p
 WHERE p.id = $1::bigint
UNION ALL
(SELECT 'colleague', '', '', '', '', NULL
   FROM workspaceprofile_${region} a
   JOIN workspaceprofile_${region} b ON b.workspace_id = a.workspace_id AND b.profile_id = $1::bigint
  WHERE a.profile_id = $2::bigint
  LIMIT 1)
UNION ALL
SELECT 'workspace', w.name, w.country, w.tableoid::regclass::text, pg_relation_filepath(w.tableoid), NULL
  FROM workspace_${region} w
  JOIN workspaceprofile_${region} m ON m.workspace_id = w.id AND m.profile_id = $2::bigint
 WHERE w.id = $1::bigint
UNION ALL
SELECT 'channel', c.name, c.country, c.tableoid::regclass::text, pg_relation_filepath(c.tableoid), c.workspace_id
  FROM channel_${region} c
  JOIN workspaceprofile_${region} w ON w.workspace_id = c.workspace_id AND w.profile_id = $2::bigint
  LEFT JOIN channel_member_${region} m ON m.channel_id = c.id AND m.profile_id = $2::bigint
 WHERE c.id = $1::bigint
   AND (m.profile_id IS NOT NULL OR NOT (c.is_private OR c.is_direct OR w.role = 'guest'))
UNION ALL
SELECT 'message', '', m.country, m.tableoid::regclass::text, pg_relation_filepath(m.tableoid), m.channel_id
  FROM message_${region} m
  JOIN channel_${region} c ON c.id = m.channel_id
 WHERE m.id = $1::bigint
   AND (EXISTS (SELECT FROM channel_member_${region} a WHERE a.channel_id = c.id AND a.profile_id = $2::bigint)
        OR (NOT c.is_private AND NOT c.is_direct
            AND EXISTS (SELECT FROM workspaceprofile_${region} w
                         WHERE w.workspace_id = c.workspace_id AND w.profile_id = $2::bigint AND w.role <> 'guest')))
