-- $2 changes the reminder $1: text $4, time $5, time zone $6, recurrence $7 ("" takes it away) from $8
-- on; NULL leaves a field alone. Only at version $3, unless that is NULL. With another time it is scheduled anew. With $9
-- its person puts it off: its maker may not, and of a series only the occurrences can be.
WITH target AS MATERIALIZED (
  SELECT id AS target_id,
         version = coalesce($3::bigint, version) AND NOT ($9::boolean AND recurrence IS NOT NULL) AS may_change
    FROM reminder
   WHERE id = $1::bigint AND state <> 'deleted'
     AND (profile_id = $2::bigint OR (created_by = $2::bigint AND NOT $9::boolean))
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
    FROM target
   WHERE r.id = target_id AND may_change
  RETURNING r.*
)
SELECT
-- @include reminder_columns
     , id IS NULL AS is_refused
  FROM target
  LEFT JOIN changed ON true
