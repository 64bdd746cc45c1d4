-- What rests in this region: of each partition its rows, counted to 10,001 at most, the planner's estimate (-1: none),
-- and its octets on disk.
SELECT t.name, t.rows, (SELECT c.reltuples::bigint FROM pg_class c WHERE c.oid = t.relation) AS estimate,
       pg_total_relation_size(t.relation) AS octets
  FROM (SELECT 'profile' AS name, 'profile_${region}'::regclass AS relation,
               (SELECT count(*) FROM (SELECT FROM profile_${region} LIMIT 10001) s) AS rows
        UNION ALL
        SELECT 'workspace', 'workspace_${region}'::regclass,
               (SELECT count(*) FROM (SELECT FROM workspace_${region} LIMIT 10001) s)
        UNION ALL
        SELECT 'workspaceprofile', 'workspaceprofile_${region}'::regclass,
               (SELECT count(*) FROM (SELECT FROM workspaceprofile_${region} LIMIT 10001) s)
        UNION ALL
        SELECT 'channel', 'channel_${region}'::regclass,
               (SELECT count(*) FROM (SELECT FROM channel_${region} LIMIT 10001) s)
        UNION ALL
        SELECT 'message', 'message_${region}'::regclass,
               (SELECT count(*) FROM (SELECT FROM message_${region} LIMIT 10001) s)) t
