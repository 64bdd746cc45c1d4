-- Ends one session: $1 profile_id, $2 the first 8 octets of its token's hash (bytea). Nothing when there is none; one
-- that was ended before is answered too, for the answer to that may have been lost.
WITH ended AS (
  UPDATE identity.session_${region}
     SET revoked_at = clock_timestamp()
   WHERE profile_id = $1::bigint AND substr(token_hash, 1, 8) = $2::bytea AND revoked_at IS NULL
  RETURNING profile_id, token_hash
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT profile_id, 'signed out', 'profile:' || profile_id,
         jsonb_build_object('session', encode(substr(token_hash, 1, 8), 'hex'))
    FROM ended
)
SELECT profile_id FROM identity.session_${region} WHERE profile_id = $1::bigint AND substr(token_hash, 1, 8) = $2::bytea
