       -- A reminder as reminder_store reads it.
       id, profile_id, created_by, message_id, message_channel_id, message_region, channel_id, text,
       notify_at, time_zone, recurrence, recurs_from, series_id, occurs_at, state, is_late, version,
       created_at, due_at, completed_at
