-- The series $1, held under the lease $4, leave an occurrence each, with the ids $3, and go on to the times $2 (null: it was
-- the last one). All in one, so that no occurrence is left twice or not at all.
WITH given AS (
  SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::bigint[]) AS g (id, next_at, occurrence_id)
), taken AS MATERIALIZED (
  SELECT r.*, g.next_at, g.occurrence_id
    FROM given g
    JOIN reminder r ON r.id = g.id
   WHERE r.state = 'scheduled' AND r.lease_until = $4::timestamptz
     FOR UPDATE OF r
), moved AS (
  UPDATE reminder r
     SET notify_at = coalesce(t.next_at, r.notify_at),
         state = CASE WHEN t.next_at IS NULL THEN 'completed' ELSE 'scheduled' END,
         completed_at = CASE WHEN t.next_at IS NULL THEN now() END,
         is_late = false, lease_until = NULL, version = r.version + 1
    FROM taken t
   WHERE r.id = t.id
)
INSERT INTO reminder (id, profile_id, created_by, message_id, message_channel_id, message_region, channel_id, text,
                      notify_at, time_zone, series_id, occurs_at, state, is_late, due_at, lease_until)
SELECT t.occurrence_id, t.profile_id, t.created_by, t.message_id, t.message_channel_id, t.message_region, t.channel_id,
       t.text, t.notify_at, t.time_zone, t.id, t.notify_at, 'due', t.is_late, now(), t.lease_until
  FROM taken t
ON CONFLICT (series_id, occurs_at) WHERE series_id IS NOT NULL DO NOTHING
RETURNING
-- @include reminder_columns
     , lease_until
