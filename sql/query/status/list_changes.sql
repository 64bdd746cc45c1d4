-- What changed on this cluster behind ($1, $2), in the order of arrival, at most $3.
SELECT s.profile_id, s.status::text, s.text, s.emoji, s.set_at, s.expires_at, s.paused_until, clock_timestamp(),
       a.arrival
  FROM meridian.status_arrival a
  JOIN status s ON s.profile_id = a.profile_id
 WHERE (a.arrival, a.profile_id) > ($1::bigint, $2::bigint)
 ORDER BY a.arrival, a.profile_id
 LIMIT $3::bigint
