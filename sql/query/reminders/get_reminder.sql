-- The reminder $1, if it is for $2 or made by $2.
SELECT id, profile_id, created_by, message_id, message_channel_id, message_region, channel_id, text,
       notify_at, time_zone, recurrence, recurs_from, series_id, occurs_at, state, is_late, version,
       created_at, due_at, completed_at
  FROM reminder
 WHERE id = $1::bigint AND state <> 'deleted' AND (profile_id = $2::bigint OR created_by = $2::bigint)
