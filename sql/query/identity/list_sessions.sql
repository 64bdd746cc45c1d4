-- A profile's open sessions, the newest first: $1 profile_id.
SELECT substr(token_hash, 1, 8) AS number, created_at, expires_at
  FROM identity.session_${region}
 WHERE profile_id = $1::bigint AND revoked_at IS NULL AND expires_at > clock_timestamp()
 ORDER BY created_at DESC, token_hash
