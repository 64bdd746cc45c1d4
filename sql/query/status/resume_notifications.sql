-- Ends the pause of profile $1; no row when there was none. Fails when it is later than $2.
UPDATE status
   SET paused_until = NULL
 WHERE profile_id = $1::bigint AND paused_until IS NOT NULL AND meridian.check_in_time($2::timestamptz)
RETURNING profile_id, status::text, text, emoji, set_at, expires_at, paused_until, clock_timestamp()
