-- The reminder $1, if it is for $2 or made by $2.
SELECT
-- @include reminder_columns
  FROM reminder
 WHERE id = $1::bigint AND state <> 'deleted' AND (profile_id = $2::bigint OR created_by = $2::bigint)
