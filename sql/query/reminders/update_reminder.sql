-- $2 changes the reminder $1: text $4, time $5, time zone $6, recurrence $7 ("" takes it away) from $8
-- on; NULL leaves a field alone. Only at version $3, unless that is NULL. With another time it is scheduled anew.
WITH target AS MATERIALIZED (
  SELECT id, version
    FROM reminder
   WHERE id = $1::bigint AND state <> 'deleted' AND (profile_id = $2::bigint OR created_by = $2::bigint)
     FOR UPDATE
), changed AS (
  UPDATE reminder r
     SET text = coalesce($4::text, r.text),
         notify_at = coalesce($5::timestamptz, r.notify_at),
         time_zone = coalesce($6::text, r.time_zone),
         recurrence = nullif(coalesce($7::text, r.recurrence), ''),
         recurs_from = CASE WHEN nullif(coalesce($7::text, r.recurrence), '') IS NOT NULL
                              THEN coalesce($8::timestamptz, r.recurs_from) END,
         state = CASE WHEN $5::timestamptz IS NULL THEN r.state ELSE 'scheduled' END,
         lease_until = CASE WHEN $5::timestamptz IS NULL THEN r.lease_until END,
         is_late = r.is_late AND $5::timestamptz IS NULL,
         due_at = CASE WHEN $5::timestamptz IS NULL THEN r.due_at END,
         completed_at = CASE WHEN $5::timestamptz IS NULL THEN r.completed_at END,
         version = r.version + 1
    FROM target t
   WHERE r.id = t.id AND t.version = coalesce($3::bigint, t.version)
  RETURNING r.*
)
SELECT c.id, c.profile_id, c.created_by, c.message_id, c.message_channel_id, c.message_region,
       c.channel_id, c.text, c.notify_at, c.time_zone, c.recurrence, c.recurs_from, c.series_id,
       c.occurs_at, c.state, c.is_late, c.version, c.created_at, c.due_at, c.completed_at,
       c.id IS NULL AS is_stale
  FROM target t
  LEFT JOIN changed c ON true
