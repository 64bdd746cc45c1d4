-- The workspace $1 (the id that its URL was claimed for): $2 name, $3 URL, $4 country, $5 its first owner, $6 the request's
-- key. With a channel that everybody who comes later joins.
WITH made AS (
  INSERT INTO workspace_${region} (id, name, url, country, created_by, creation_key)
  VALUES ($1::bigint, $2::text, $3::text, $4::text, $5::bigint, $6::text)
  ON CONFLICT DO NOTHING
  RETURNING id, name, url, country, version, created_by, created_at
), owner AS (
  INSERT INTO workspaceprofile_${region} (workspace_id, profile_id, workspace_country, role)
  SELECT m.id, $5::bigint, m.country, 'owner' FROM made m
  RETURNING role, joined_at
), general AS (
  INSERT INTO channel_${region} (name, workspace_id, country, created_by, is_default)
  SELECT 'general', m.id, m.country, $5::bigint, true FROM made m
  RETURNING id, country
), entered AS (
  INSERT INTO channel_member_${region} (channel_id, profile_id, country)
  SELECT g.id, $5::bigint, g.country FROM general g
  RETURNING channel_id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $5::bigint, 'workspace created', 'workspace:' || m.id, '{}'
    FROM made m, owner, (SELECT count(*) FROM entered) AS e
)
SELECT 'new', m.id, m.name, m.url, m.country, m.version, m.created_by, m.created_at, o.role, o.joined_at
  FROM made m, owner o
UNION ALL
-- A statement that was sent again after its answer was lost, or a request whose key made something else.
SELECT CASE WHEN w.id = $1::bigint THEN 'repeat' ELSE 'key_used' END,
       w.id, w.name, w.url, w.country, w.version, w.created_by, w.created_at, p.role, p.joined_at
  FROM workspace_${region} w
  LEFT JOIN workspaceprofile_${region} p ON p.workspace_id = w.id AND p.profile_id = $5::bigint
 WHERE w.created_by = $5::bigint AND (w.id = $1::bigint OR w.creation_key = $6::text)
   AND NOT EXISTS (SELECT FROM made)
