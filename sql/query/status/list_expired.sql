-- Statuses that ended after $1 and no later than $2, at most $3.
SELECT s.profile_id, s.status::text, s.text, s.emoji, s.set_at, s.expires_at, s.paused_until, clock_timestamp()
  FROM meridian.status_arrival a
  JOIN status s ON s.profile_id = a.profile_id AND s.expires_at = a.expires_at
 WHERE a.expires_at > $1::timestamptz AND a.expires_at <= $2::timestamptz
 ORDER BY a.expires_at
 LIMIT $3::bigint
