-- Statuses that ended behind ($1, $2) and no later than $3, by their end, at most $4.
SELECT s.profile_id, s.status::text, s.text, s.emoji, s.set_at, s.expires_at, s.paused_until, clock_timestamp()
  FROM meridian.status_arrival a
  JOIN status s ON s.profile_id = a.profile_id AND s.expires_at = a.expires_at
 WHERE (a.expires_at, a.profile_id) > ($1::timestamptz, $2::bigint) AND a.expires_at <= $3::timestamptz
 ORDER BY a.expires_at, a.profile_id
 LIMIT $4::bigint
