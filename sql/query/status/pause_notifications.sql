-- Profile $1 gets no notifications until $2, or for $3 seconds. The status stays, and when it was set.
-- Fails when it is later than $4.
WITH written AS (
  INSERT INTO status AS s (profile_id, status, paused_until)
  SELECT $1::bigint, NULL, coalesce($2::timestamptz, now() + make_interval(secs => $3::bigint::double precision))
   WHERE meridian.check_in_time($4::timestamptz)
  ON CONFLICT (profile_id) DO UPDATE SET paused_until = excluded.paused_until
    WHERE s.paused_until IS DISTINCT FROM excluded.paused_until
  RETURNING profile_id, status, text, emoji, set_at, expires_at, paused_until
)
SELECT profile_id, status::text, text, emoji, set_at, expires_at, paused_until, clock_timestamp() FROM written
UNION ALL
SELECT profile_id, status::text, text, emoji, set_at, expires_at, paused_until, clock_timestamp()
  FROM status
 WHERE profile_id = $1::bigint AND NOT EXISTS (SELECT FROM written)
