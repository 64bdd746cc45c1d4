-- Opens a session of another profile of the same person: $1 profile_id, $2 the person's main_profile_id, $3 the token's
-- hash (bytea), $4 how long it lasts (seconds), $5 how many a profile may have, $6 the profile that asks.
WITH person AS (
  SELECT p.*
    FROM profile_${region} p
    JOIN identity.account_${region} a ON a.profile_id = p.id AND a.disabled_at IS NULL
   WHERE p.id = $1::bigint AND p.main_profile_id = $2::bigint AND p.deactivated_at IS NULL
), tidied AS (
  DELETE FROM identity.session_${region} s
   WHERE s.profile_id IN (SELECT id FROM person)
     AND (s.expires_at <= clock_timestamp()
          OR s.revoked_at < clock_timestamp() - interval '1 day'
          OR s.token_hash IN (
            SELECT token_hash
              FROM (SELECT token_hash, row_number() OVER (ORDER BY created_at DESC) AS place
                      FROM identity.session_${region}
                     WHERE profile_id IN (SELECT id FROM person) AND revoked_at IS NULL) newest
             WHERE place >= $5::bigint))
), made AS (
  INSERT INTO identity.session_${region} (token_hash, profile_id, country, created_at, expires_at)
  SELECT $3::bytea, id, country, clock_timestamp(), clock_timestamp() + $4::bigint * interval '1 second' FROM person
  ON CONFLICT (token_hash) DO UPDATE SET token_hash = excluded.token_hash
  RETURNING expires_at
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $6::bigint, 'signed in', 'profile:' || id, '{"by": "switch"}' FROM person, made
)
SELECT p.id, p.full_name, p.email, p.phone, p.title, p.time_zone, p.country, p.main_profile_id, p.version, p.created_at,
       p.deactivated_at,
       made.expires_at
  FROM person p, made
