-- Ends the pause of profile $1; no row when there was none.
UPDATE status
   SET paused_until = NULL
 WHERE profile_id = $1::bigint AND paused_until IS NOT NULL
RETURNING profile_id, status::text, text, emoji, set_at, expires_at, paused_until, clock_timestamp()
