-- $2 gives the workspace $1 the name $3, when it still has the version $4 (null: whichever).
WITH seen AS MATERIALIZED (
  SELECT w.id, w.name, w.url, w.country, w.version, w.created_by, w.created_at, m.role, m.joined_at
    FROM workspace_${region} w
    JOIN workspaceprofile_${region} m ON m.workspace_id = w.id AND m.profile_id = $2::bigint
   WHERE w.id = $1::bigint
     FOR NO KEY UPDATE OF w
), judged AS MATERIALIZED (
  SELECT s.*,
         CASE
           WHEN meridian.role_rank(s.role) < meridian.role_rank('admin') THEN 'forbidden'
           WHEN s.name = $3::text THEN 'done'  -- also when a repeat knows the version before its own change
           WHEN s.version <> $4::bigint THEN 'stale'
           ELSE 'new'
         END AS verdict
    FROM seen s
), updated AS (
  UPDATE workspace_${region} w
     SET name = $3::text, version = w.version + 1
    FROM judged j
   WHERE j.verdict = 'new' AND w.id = j.id
  RETURNING w.id, w.name, w.version
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, 'workspace renamed', 'workspace:' || u.id, '{}' FROM updated u
)
SELECT j.verdict, j.id, coalesce(u.name, j.name), j.url, j.country, coalesce(u.version, j.version), j.created_by,
       j.created_at, j.role, j.joined_at
  FROM judged j
  LEFT JOIN updated u ON true
