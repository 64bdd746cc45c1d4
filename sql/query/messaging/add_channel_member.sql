-- $2 lets $3 into the channel $1, or joins it himself. $3 is locked in the workspace, so that he does not leave it at this
-- moment. What was said before counts as read.
WITH seen AS MATERIALIZED (
  SELECT c.id, c.workspace_id, c.country, c.is_direct, c.archived_at, w.role,
         m.profile_id IS NOT NULL AS is_member
    FROM channel_${region} c
    JOIN workspaceprofile_${region} w ON w.workspace_id = c.workspace_id AND w.profile_id = $2::bigint
    LEFT JOIN channel_member_${region} m ON m.channel_id = c.id AND m.profile_id = $2::bigint
   WHERE c.id = $1::bigint
     AND (m.profile_id IS NOT NULL OR NOT (c.is_private OR c.is_direct OR w.role = 'guest'))
), guest AS MATERIALIZED (
  SELECT p.profile_id
    FROM seen s
    JOIN workspaceprofile_${region} p ON p.workspace_id = s.workspace_id AND p.profile_id = $3::bigint
     FOR KEY SHARE OF p
), judged AS MATERIALIZED (
  SELECT s.*,
         CASE
           WHEN EXISTS (SELECT FROM channel_member_${region} m
                         WHERE m.channel_id = s.id AND m.profile_id = $3::bigint) THEN 'done'
           WHEN s.is_direct THEN 'direct'
           WHEN $2::bigint <> $3::bigint AND (NOT s.is_member OR s.role = 'guest') THEN 'forbidden'
           WHEN s.archived_at IS NOT NULL THEN 'archived'
           WHEN NOT EXISTS (SELECT FROM guest) THEN 'stranger'
           ELSE 'new'
         END AS verdict
    FROM seen s
), entered AS (
  INSERT INTO channel_member_${region} (channel_id, profile_id, country)
  SELECT j.id, $3::bigint, j.country
    FROM judged j
   WHERE j.verdict = 'new'
  ON CONFLICT (channel_id, profile_id) DO NOTHING
  RETURNING channel_id
), bumped AS (
  UPDATE channel_${region} c
     SET version = c.version + 1
    FROM entered e
   WHERE c.id = e.channel_id
  RETURNING c.id, c.country, c.last_seq
), begun AS (
  INSERT INTO read_cursor_${region} (channel_id, profile_id, country, read_seq)
  SELECT b.id, $3::bigint, b.country, b.last_seq
    FROM bumped b
  ON CONFLICT (channel_id, profile_id) DO UPDATE
     SET read_seq = greatest(read_cursor_${region}.read_seq, excluded.read_seq), read_at = excluded.read_at
  RETURNING channel_id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, CASE WHEN $2::bigint = $3::bigint THEN 'channel joined' ELSE 'channel member added' END,
         'channel:' || e.channel_id, jsonb_build_object('profile_id', $3::bigint)
    FROM entered e, (SELECT count(*) FROM begun) AS b
)
SELECT CASE WHEN j.verdict = 'new' AND NOT EXISTS (SELECT FROM entered) THEN 'done' ELSE j.verdict END, j.workspace_id
  FROM judged j
