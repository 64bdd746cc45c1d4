-- The direct channel of the people $3, $2 among them, in the workspace $1, made when it is not there: $4 their key, $5 and
-- $6 the two of a channel of two (null: more). Whoever left the workspace and came back is in it again.
WITH caller AS MATERIALIZED (
  SELECT w.id, w.country
    FROM workspace_${region} w
    JOIN workspaceprofile_${region} m ON m.workspace_id = w.id AND m.profile_id = $2::bigint
   WHERE w.id = $1::bigint
), people AS MATERIALIZED (
  SELECT m.profile_id
    FROM workspaceprofile_${region} m
   WHERE m.workspace_id = $1::bigint AND m.profile_id = ANY ($3::bigint[]) AND EXISTS (SELECT FROM caller)
   ORDER BY m.profile_id
     FOR KEY SHARE
), judged AS MATERIALIZED (
  SELECT w.country, p.id AS found_id,
         CASE
           WHEN p.id IS NOT NULL THEN 'repeat'
           WHEN (SELECT count(*) FROM people) < cardinality($3::bigint[]) THEN 'stranger'
           ELSE 'new'
         END AS verdict
    FROM caller w
    LEFT JOIN channel_${region} p ON p.workspace_id = w.id AND p.direct_key = $4::text
), made AS (
  INSERT INTO channel_${region}
         (workspace_id, is_direct, is_private, direct_key, direct_profile1_id, direct_profile2_id, country, created_by)
  SELECT $1::bigint, true, true, $4::text, $5::bigint, $6::bigint, j.country, $2::bigint
    FROM judged j
   WHERE j.verdict = 'new'
  ON CONFLICT DO NOTHING
  RETURNING id, workspace_id, name, topic, is_direct, archived_at, last_seq, change_seq, direct_key, version, created_by,
            created_at, country
), entered AS (
  -- Those of a new channel are in by its trigger.
  INSERT INTO channel_member_${region} (channel_id, profile_id, country)
  SELECT j.found_id, p.profile_id, j.country
    FROM judged j, people p
   WHERE j.verdict = 'repeat'
     AND NOT EXISTS (SELECT FROM channel_member_${region} m
                      WHERE m.channel_id = j.found_id AND m.profile_id = p.profile_id)
  ON CONFLICT (channel_id, profile_id) DO NOTHING
  RETURNING channel_id, profile_id
), bumped AS (
  UPDATE channel_${region} c SET version = c.version + 1 WHERE c.id IN (SELECT channel_id FROM entered)
  RETURNING c.id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, 'direct channel opened', 'channel:' || m.id,
         jsonb_build_object('workspace_id', m.workspace_id, 'member_count', cardinality($3::bigint[]))
    FROM made m, (SELECT count(*) FROM bumped) AS b
), shown AS (
  SELECT * FROM made
   UNION ALL
  SELECT c.id, c.workspace_id, c.name, c.topic, c.is_direct, c.archived_at, c.last_seq, c.change_seq, c.direct_key,
         c.version, c.created_by, c.created_at, c.country
    FROM channel_${region} c, judged j
   WHERE c.id = j.found_id
)
SELECT CASE WHEN j.verdict = 'new' AND s.id IS NULL THEN 'again' ELSE j.verdict END,
       s.id, s.workspace_id, s.name, s.topic, true, s.is_direct, s.archived_at IS NOT NULL, true, s.last_seq,
       s.change_seq, coalesce(r.read_seq, 0), coalesce(s.direct_key, ''), s.version, s.created_by, s.created_at,
       NULL::bigint, NULL::bigint, ARRAY(SELECT profile_id FROM entered ORDER BY profile_id) AS entered_ids
  FROM judged j
  LEFT JOIN shown s ON true
  LEFT JOIN read_cursor_${region} r ON r.channel_id = s.id AND r.profile_id = $2::bigint
