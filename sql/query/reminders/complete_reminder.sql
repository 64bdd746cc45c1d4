-- $2 has seen the reminder $1. A repeat writes too, as in create_reminder.
UPDATE reminder
   SET state = 'completed', completed_at = coalesce(completed_at, now()), lease_until = NULL,
       version = version + CASE WHEN state = 'completed' THEN 0 ELSE 1 END
 WHERE id = $1::bigint AND state <> 'deleted' AND profile_id = $2::bigint
RETURNING
-- @include reminder_columns
