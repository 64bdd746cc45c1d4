-- Opens a session after the password was found right: $1 profile_id, $2 the token's hash (bytea), $3 how long it lasts
-- (seconds), $4 how many a profile may have, $5 the password hash that was checked, $6 its successor or null. Nothing
-- when the account was locked, disabled or given another password meanwhile.
WITH person AS (
  UPDATE identity.account_${region} a
     SET failed_attempts = 0, locked_until = NULL, password_hash = coalesce($6::text, a.password_hash)
    FROM profile_${region} p
   WHERE a.profile_id = $1::bigint
     AND a.password_hash IN ($5::text, $6::text)
     AND a.disabled_at IS NULL
     AND (a.locked_until IS NULL OR a.locked_until <= clock_timestamp())
     AND p.id = a.profile_id
     AND p.deactivated_at IS NULL
  RETURNING p.*
),
-- @include session_opening
noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject)
  SELECT id, 'signed in', 'profile:' || id FROM person, made, (SELECT count(*) FROM tidied) AS t
)
SELECT
       -- @include person_columns
       , made.expires_at
  FROM person p, made
