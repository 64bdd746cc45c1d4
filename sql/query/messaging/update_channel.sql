-- $2 changes the channel $1: $3 name, $4 topic, $5 archived (null: as it is), when it still has the version $6 (null:
-- whichever).
WITH seen AS MATERIALIZED (
  SELECT c.id, c.workspace_id, c.name, c.topic, c.is_private, c.is_direct, c.archived_at, c.last_seq, c.change_seq,
         c.direct_key, c.version, c.created_by, c.created_at, c.is_default,
         m.profile_id IS NOT NULL AS is_member,
         meridian.role_rank(w.role) >= meridian.role_rank('admin') AS is_admin
    FROM channel_${region} c
    JOIN workspaceprofile_${region} w ON w.workspace_id = c.workspace_id AND w.profile_id = $2::bigint
    LEFT JOIN channel_member_${region} m ON m.channel_id = c.id AND m.profile_id = $2::bigint
   WHERE c.id = $1::bigint
     AND (m.profile_id IS NOT NULL OR NOT (c.is_private OR c.is_direct OR w.role = 'guest'))
     FOR NO KEY UPDATE OF c
), wanted AS MATERIALIZED (
  SELECT s.*,
         $3::text IS NOT NULL AND $3::text <> s.name AS renames,
         $4::text IS NOT NULL AND $4::text <> s.topic AS retopics,
         $5::boolean IS NOT NULL AND $5::boolean <> (s.archived_at IS NOT NULL) AS archives
    FROM seen s
), judged AS MATERIALIZED (
  SELECT s.*,
         CASE
           WHEN ($3::text IS NOT NULL OR $5::boolean IS NOT NULL)
                AND NOT (s.is_admin OR s.created_by IS NOT DISTINCT FROM $2::bigint) THEN 'forbidden'
           WHEN $4::text IS NOT NULL AND NOT (s.is_admin OR s.is_member) THEN 'forbidden'
           WHEN s.is_direct AND ($3::text IS NOT NULL OR $5::boolean IS NOT NULL) THEN 'direct'
           WHEN NOT (s.renames OR s.retopics OR s.archives) THEN 'done'  -- also a repeat that knows the version before
           WHEN s.version <> $6::bigint THEN 'stale'
           WHEN s.archives AND s.is_default AND $5::boolean THEN 'default'
           WHEN s.renames AND EXISTS (SELECT FROM channel_${region} o
                                       WHERE o.workspace_id = s.workspace_id AND lower(o.name) = lower($3::text)
                                         AND NOT o.is_direct AND o.id <> s.id) THEN 'taken'
           ELSE 'new'
         END AS verdict
    FROM wanted s
), updated AS (
  UPDATE channel_${region} c
     SET name = CASE WHEN j.renames THEN $3::text ELSE c.name END,
         topic = CASE WHEN j.retopics THEN $4::text ELSE c.topic END,
         archived_at = CASE WHEN j.archives THEN CASE WHEN $5::boolean THEN clock_timestamp() END ELSE c.archived_at END,
         archived_by = CASE WHEN j.archives THEN CASE WHEN $5::boolean THEN $2::bigint END ELSE c.archived_by END,
         version = c.version + 1
    FROM judged j
   WHERE j.verdict = 'new' AND c.id = j.id
  RETURNING c.id, c.name, c.topic, c.archived_at, c.version
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, d.action, 'channel:' || u.id, '{}'
    FROM updated u
    JOIN judged j ON j.id = u.id
    JOIN LATERAL (VALUES (j.renames, 'channel renamed'),
                         (j.archives AND $5::boolean, 'channel archived'),
                         (j.archives AND NOT $5::boolean, 'channel unarchived')) AS d (happened, action) ON d.happened
)
SELECT j.verdict, j.id, j.workspace_id, coalesce(u.name, j.name), coalesce(u.topic, j.topic), j.is_private OR j.is_direct,
       j.is_direct, CASE WHEN u.id IS NULL THEN j.archived_at ELSE u.archived_at END IS NOT NULL, j.is_member, j.last_seq,
       j.change_seq, coalesce(r.read_seq, 0), coalesce(j.direct_key, ''), coalesce(u.version, j.version), j.created_by,
       j.created_at, NULL::bigint, NULL::bigint
  FROM judged j
  LEFT JOIN updated u ON true
  LEFT JOIN read_cursor_${region} r ON r.channel_id = j.id AND r.profile_id = $2::bigint
