-- $2 joins the workspace, and its default channels, that the token with the hash $1 opens.
--
-- The invitation is locked first, so that people come one after the other and each sees what the last one left. It is used
-- up only by whom the INSERT let in: somebody who is a member already, or sends the same twice at once, costs nothing.
WITH invited AS MATERIALIZED (
  SELECT i.id, i.workspace_id, i.country, i.role, i.uses,
         i.revoked_at IS NULL AND i.expires_at > now() AND i.uses < i.uses_max
         AND
             -- @include invitation_holds
         AS is_open
    FROM identity.invitation_${region} i
   WHERE i.token_hash = $1::bytea
     FOR NO KEY UPDATE
), joined AS (
  INSERT INTO workspaceprofile_${region} (workspace_id, profile_id, workspace_country, role)
  SELECT i.workspace_id, $2::bigint, i.country, i.role
    FROM invited i
   WHERE i.is_open
  ON CONFLICT (workspace_id, profile_id) DO NOTHING
  RETURNING workspace_id, role, joined_at
), used AS (
  UPDATE identity.invitation_${region} i
     SET uses = i.uses + 1
    FROM invited v, joined
   WHERE i.id = v.id
  RETURNING i.id
), place AS MATERIALIZED (
  -- In the order of their ids, as a batch of messages locks them.
  SELECT c.id, c.country
    FROM joined j
    JOIN channel_${region} c ON c.workspace_id = j.workspace_id
   WHERE c.is_default AND c.archived_at IS NULL
   ORDER BY c.id
     FOR NO KEY UPDATE OF c
), welcomed AS (
  INSERT INTO channel_member_${region} (channel_id, profile_id, country)
  SELECT p.id, $2::bigint, p.country
    FROM place p
  ON CONFLICT (channel_id, profile_id) DO NOTHING
  RETURNING channel_id
), bumped AS (
  UPDATE channel_${region} c
     SET version = c.version + 1
    FROM welcomed w
   WHERE c.id = w.channel_id
  RETURNING c.id, c.country, c.last_seq
), begun AS (
  INSERT INTO read_cursor_${region} (channel_id, profile_id, country, read_seq)
  SELECT b.id, $2::bigint, b.country, b.last_seq
    FROM bumped b
  ON CONFLICT (channel_id, profile_id) DO UPDATE
     SET read_seq = greatest(read_cursor_${region}.read_seq, excluded.read_seq), read_at = excluded.read_at
  RETURNING channel_id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $2::bigint, 'invitation accepted', 'invitation:' || u.id,
         jsonb_build_object('workspace_id', j.workspace_id, 'role', j.role)
    FROM used u, joined j, (SELECT count(*) FROM begun) AS b
)
SELECT CASE WHEN j.workspace_id IS NOT NULL THEN 'new' WHEN m.workspace_id IS NOT NULL THEN 'done'
            WHEN i.is_open THEN 'again'
            -- It was used while this waited, perhaps by the same person: then he is in, and the next look shows it.
            WHEN i.uses <> (SELECT n.uses FROM identity.invitation_${region} n WHERE n.id = i.id) THEN 'again'
            ELSE 'used_up' END,
       w.id, w.name, w.url, w.country, w.version, w.created_by, w.created_at,
       coalesce(j.role, m.role), coalesce(j.joined_at, m.joined_at),
       ARRAY(SELECT channel_id FROM welcomed ORDER BY channel_id) AS channel_ids
  FROM invited i
  JOIN workspace_${region} w ON w.id = i.workspace_id
  LEFT JOIN joined j ON true
  LEFT JOIN workspaceprofile_${region} m ON m.workspace_id = i.workspace_id AND m.profile_id = $2::bigint
