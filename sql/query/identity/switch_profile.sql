-- Opens a session of another profile of the same person: $1 profile_id, $2 the token's hash (bytea), $3 how long it lasts
-- (seconds), $4 how many a profile may have, $5 the person's main_profile_id, $6 the profile that asks.
WITH person AS (
  SELECT p.*
    FROM profile_${region} p
    JOIN identity.account_${region} a ON a.profile_id = p.id AND a.disabled_at IS NULL
   WHERE p.id = $1::bigint AND p.main_profile_id = $5::bigint AND p.deactivated_at IS NULL
),
-- @include session_opening
noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $6::bigint, 'signed in', 'profile:' || id, '{"by": "switch"}'
    FROM person, made, (SELECT count(*) FROM tidied) AS t
)
SELECT
       -- @include person_columns
       , made.expires_at
  FROM person p, made
