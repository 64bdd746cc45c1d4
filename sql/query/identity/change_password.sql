-- Sets a password and ends the profile's other sessions: $1 profile_id, $2 the password hash that was checked, $3 the new
-- one, $4 the first 8 octets of the hash of the token that stays (bytea). Nothing when the password was changed meanwhile,
-- but to the new one: that is this very statement, whose answer was lost.
WITH changed AS (
  UPDATE identity.account_${region}
     SET password_hash = $3::text, password_changed_at = clock_timestamp(), failed_attempts = 0, locked_until = NULL
   WHERE profile_id = $1::bigint AND password_hash IN ($2::text, $3::text) AND disabled_at IS NULL
  RETURNING profile_id
), ended AS (
  UPDATE identity.session_${region}
     SET revoked_at = clock_timestamp()
   WHERE profile_id IN (SELECT profile_id FROM changed) AND revoked_at IS NULL AND substr(token_hash, 1, 8) <> $4::bytea
  RETURNING token_hash
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT profile_id, 'password changed', 'profile:' || profile_id,
         jsonb_build_object('sessions_revoked', (SELECT count(*) FROM ended))
    FROM changed
)
SELECT profile_id FROM changed
