-- Takes up to $1 reminders that are due, or were announced without a word since, for $2 seconds. Each is due from now on,
-- and late when that is more than $3 seconds after its time; a series is left as it is for fire_series.
WITH due AS MATERIALIZED (
  SELECT id AS due_id
    FROM reminder
   WHERE (state = 'scheduled' OR lease_until IS NOT NULL) AND greatest(notify_at, lease_until) <= now()
   ORDER BY greatest(notify_at, lease_until)
   LIMIT $1::bigint
     FOR UPDATE SKIP LOCKED
)
UPDATE reminder r
   SET lease_until = now() + $2::float8 * interval '1 second',
       is_late = now() - r.notify_at > $3::float8 * interval '1 second',
       due_at = CASE WHEN r.recurrence IS NULL THEN coalesce(r.due_at, now()) END,
       version = r.version + CASE WHEN r.recurrence IS NULL AND r.state = 'scheduled' THEN 1 ELSE 0 END,
       state = CASE WHEN r.recurrence IS NULL THEN 'due' ELSE r.state END
  FROM due
 WHERE r.id = due_id
RETURNING
-- @include reminder_columns
     , lease_until
