-- Sets the status of profile $1 to $2 (NULL: none of the five) with the text $3 and the emoji $4, until $5, or for $6
-- seconds, or until clocks in the time zone $8 next show $7; for good when all of these are NULL. A repeat with the key
-- $9 ("": none) finds what the first one set. No row when another one with the key comes at the very same time. Fails
-- when it is later than $10.
WITH expiry AS (
  SELECT coalesce(
           $5::timestamptz,
           now() + make_interval(secs => $6::bigint::double precision),
           (SELECT min(shown)
              FROM generate_series(0, 2) AS day,
                   LATERAL (SELECT ((now() AT TIME ZONE $8::text)::date + day + $7::text::time) AT TIME ZONE $8::text
                              AS shown) AS clock
             WHERE shown > now() AND $7::text IS NOT NULL)
         ) AS at
   WHERE meridian.check_in_time($10::timestamptz)
), written AS (
  INSERT INTO status AS s (profile_id, status, set_at, text, emoji, expires_at, set_key)
  SELECT $1::bigint, $2::text::profile_status, clock_timestamp(), $3::text, $4::text, at, $9::text FROM expiry
  ON CONFLICT (profile_id) DO UPDATE
    SET status = excluded.status, set_at = greatest(excluded.set_at, s.set_at + interval '1 microsecond'),
        text = excluded.text, emoji = excluded.emoji, expires_at = excluded.expires_at, set_key = excluded.set_key
    WHERE s.set_key = '' OR s.set_key <> excluded.set_key
  RETURNING profile_id, status, text, emoji, set_at, expires_at, paused_until
)
SELECT profile_id, status::text, text, emoji, set_at, expires_at, paused_until, clock_timestamp() FROM written
UNION ALL
SELECT profile_id, status::text, text, emoji, set_at, expires_at, paused_until, clock_timestamp()
  FROM status
 WHERE profile_id = $1::bigint AND NOT EXISTS (SELECT FROM written) AND set_key = $9::text
