-- The reminder $1 comes back to $2 at $3. A series is not put off, only its occurrences: is_refused.
WITH target AS MATERIALIZED (
  SELECT id, recurrence
    FROM reminder
   WHERE id = $1::bigint AND state <> 'deleted' AND profile_id = $2::bigint
     FOR UPDATE
), changed AS (
  UPDATE reminder r
     SET notify_at = $3::timestamptz, state = 'scheduled', lease_until = NULL, is_late = false, due_at = NULL,
         completed_at = NULL, version = r.version + 1
    FROM target t
   WHERE r.id = t.id AND t.recurrence IS NULL
  RETURNING r.*
)
SELECT c.id, c.profile_id, c.created_by, c.message_id, c.message_channel_id, c.message_region,
       c.channel_id, c.text, c.notify_at, c.time_zone, c.recurrence, c.recurs_from, c.series_id,
       c.occurs_at, c.state, c.is_late, c.version, c.created_at, c.due_at, c.completed_at,
       c.id IS NULL AS is_refused
  FROM target t
  LEFT JOIN changed c ON true
