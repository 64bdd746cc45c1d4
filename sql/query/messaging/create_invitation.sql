-- $2 invites to the workspace $1 by a token with the hash $3: $4 role, $5 seconds until it expires, $6 uses,
-- $7 the region's number. A repeat has the same hash.
WITH caller AS MATERIALIZED (
  SELECT w.id, w.country, m.role
    FROM workspace_${region} w
    JOIN workspaceprofile_${region} m ON m.workspace_id = w.id AND m.profile_id = $2::bigint
   WHERE w.id = $1::bigint
), judged AS MATERIALIZED (
  SELECT c.id, c.country,
         CASE
           WHEN meridian.role_rank(c.role) < greatest(meridian.role_rank('admin'), meridian.role_rank($4::text))
             THEN 'forbidden'
           WHEN EXISTS (SELECT FROM identity.invitation_${region} i WHERE i.token_hash = $3::bytea) THEN 'repeat'
           ELSE 'new'
         END AS verdict
    FROM caller c
), made AS (
  INSERT INTO identity.invitation_${region}
         (id, token_hash, workspace_id, country, role, created_by, created_at, expires_at, uses_max)
  SELECT meridian.next_id($7::int), $3::bytea, j.id, j.country, $4::text, $2::bigint, now(),
         now() + make_interval(secs => $5::bigint), $6::int
    FROM judged j
   WHERE j.verdict = 'new'
  ON CONFLICT DO NOTHING
  RETURNING id, workspace_id, role, created_by, created_at, expires_at, uses_max, uses, revoked_at
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, 'invitation created', 'invitation:' || m.id,
         jsonb_build_object('workspace_id', m.workspace_id, 'role', m.role, 'uses_max', m.uses_max)
    FROM made m
), shown AS (
  SELECT * FROM made
   UNION ALL
  SELECT i.id, i.workspace_id, i.role, i.created_by, i.created_at, i.expires_at, i.uses_max, i.uses, i.revoked_at
    FROM identity.invitation_${region} i, judged j
   WHERE j.verdict = 'repeat' AND i.token_hash = $3::bytea
)
SELECT CASE WHEN j.verdict = 'new' AND s.id IS NULL THEN 'again' ELSE j.verdict END,
       s.id, s.workspace_id, s.role, s.created_by, s.created_at, s.expires_at, s.uses_max, s.uses, s.revoked_at
  FROM judged j
  LEFT JOIN shown s ON true
