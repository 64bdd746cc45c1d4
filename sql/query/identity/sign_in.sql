-- Opens a session after the password was found right: $1 profile_id, $2 the token's hash (bytea), $3 the password hash
-- that was checked, $4 its successor or null, $5 how long it lasts (seconds), $6 how many a profile may have. Nothing when the
-- account was locked, disabled or given another password meanwhile. The token's hash may be there already: a repeat
-- after a lost connection.
WITH person AS (
  UPDATE identity.account_${region} a
     SET failed_attempts = 0, locked_until = NULL, password_hash = coalesce($4::text, a.password_hash)
    FROM profile_${region} p
   WHERE a.profile_id = $1::bigint
     AND a.password_hash IN ($3::text, $4::text)
     AND a.disabled_at IS NULL
     AND (a.locked_until IS NULL OR a.locked_until <= clock_timestamp())
     AND p.id = a.profile_id
     AND p.deactivated_at IS NULL
  RETURNING p.*
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
             WHERE place >= $6::bigint))
), made AS (
  INSERT INTO identity.session_${region} (token_hash, profile_id, country, created_at, expires_at)
  SELECT $2::bytea, id, country, clock_timestamp(), clock_timestamp() + $5::bigint * interval '1 second' FROM person
  ON CONFLICT (token_hash) DO UPDATE SET token_hash = excluded.token_hash
  RETURNING expires_at
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject)
  SELECT id, 'signed in', 'profile:' || id FROM person, made
)
SELECT p.id, p.full_name, p.email, p.phone, p.title, p.time_zone, p.country, p.main_profile_id, p.version, p.created_at,
       p.deactivated_at,
       made.expires_at
  FROM person p, made
