-- The statuses of the profiles $1: a row for each that ever had one.
SELECT profile_id, status::text, text, emoji, set_at, expires_at, paused_until, clock_timestamp()
  FROM status
 WHERE profile_id = ANY ($1::bigint[])
