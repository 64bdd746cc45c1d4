-- $2 has seen the reminder $1. A repeat writes too, as in create_reminder.
UPDATE reminder
   SET state = 'completed', completed_at = coalesce(completed_at, now()), lease_until = NULL,
       version = version + CASE WHEN state = 'completed' THEN 0 ELSE 1 END
 WHERE id = $1::bigint AND state <> 'deleted' AND profile_id = $2::bigint
RETURNING id, profile_id, created_by, message_id, message_channel_id, message_region, channel_id, text,
       notify_at, time_zone, recurrence, recurs_from, series_id, occurs_at, state, is_late, version,
       created_at, due_at, completed_at
