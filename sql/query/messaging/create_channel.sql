-- $2 makes a channel in the workspace $1: $3 name, $4 private, $5 topic, $6 the first members, $2 among them, $7 the
-- request's key. The members are locked, so that nobody is let in who leaves the workspace at this moment.
WITH caller AS MATERIALIZED (
  SELECT w.id, w.country, m.role
    FROM workspace_${region} w
    JOIN workspaceprofile_${region} m ON m.workspace_id = w.id AND m.profile_id = $2::bigint
   WHERE w.id = $1::bigint
), people AS MATERIALIZED (
  SELECT m.profile_id
    FROM workspaceprofile_${region} m
   WHERE m.workspace_id = $1::bigint AND m.profile_id = ANY ($6::bigint[]) AND EXISTS (SELECT FROM caller)
   ORDER BY m.profile_id
     FOR KEY SHARE
), judged AS MATERIALIZED (
  SELECT w.country, p.id AS repeated_id,
         CASE
           WHEN w.role = 'guest' THEN 'forbidden'
           WHEN p.id IS NOT NULL THEN
             CASE WHEN NOT p.is_private
                       OR EXISTS (SELECT FROM channel_member_${region} o
                                   WHERE o.channel_id = p.id AND o.profile_id = $2::bigint)
                  THEN 'repeat' ELSE 'not_found' END  -- its maker may have been shown the door
           WHEN EXISTS (SELECT FROM channel_${region} c
                         WHERE c.workspace_id = w.id AND lower(c.name) = lower($3::text) AND NOT c.is_direct) THEN 'taken'
           WHEN (SELECT count(*) FROM people) < cardinality($6::bigint[]) THEN 'stranger'
           ELSE 'new'
         END AS verdict
    FROM caller w
    LEFT JOIN channel_${region} p
           ON p.workspace_id = w.id AND p.created_by = $2::bigint AND p.creation_key = $7::text
), made AS (
  INSERT INTO channel_${region} (name, workspace_id, is_private, topic, country, created_by, creation_key)
  SELECT $3::text, $1::bigint, $4::boolean, $5::text, j.country, $2::bigint, $7::text
    FROM judged j
   WHERE j.verdict = 'new'
  ON CONFLICT DO NOTHING
  RETURNING id, workspace_id, name, topic, is_private, is_direct, archived_at, last_seq, change_seq, direct_key, version,
            created_by, created_at, country
), entered AS (
  INSERT INTO channel_member_${region} (channel_id, profile_id, country)
  SELECT m.id, p.profile_id, m.country FROM made m, people p
  RETURNING profile_id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, 'channel created', 'channel:' || m.id,
         jsonb_build_object('workspace_id', m.workspace_id, 'is_private', m.is_private,
                            'member_count', (SELECT count(*) FROM entered))
    FROM made m
), shown AS (
  SELECT * FROM made
   UNION ALL
  SELECT c.id, c.workspace_id, c.name, c.topic, c.is_private, c.is_direct, c.archived_at, c.last_seq, c.change_seq,
         c.direct_key, c.version, c.created_by, c.created_at, c.country
    FROM channel_${region} c, judged j
   WHERE c.id = j.repeated_id AND j.verdict = 'repeat'
)
SELECT CASE WHEN j.verdict = 'new' AND s.id IS NULL THEN 'again' ELSE j.verdict END,
       s.id, s.workspace_id, s.name, s.topic, s.is_private, s.is_direct, s.archived_at IS NOT NULL,
       j.verdict = 'new' OR m.profile_id IS NOT NULL, s.last_seq, s.change_seq, coalesce(r.read_seq, 0),
       coalesce(s.direct_key, ''), s.version, s.created_by, s.created_at, NULL::bigint, NULL::bigint
  FROM judged j
  LEFT JOIN shown s ON true
  LEFT JOIN channel_member_${region} m ON m.channel_id = s.id AND m.profile_id = $2::bigint
  LEFT JOIN read_cursor_${region} r ON r.channel_id = s.id AND r.profile_id = $2::bigint
