-- Gives a profile an account, or the account another password: $1 profile_id, $2 password_hash, $3 email_digest (bytea).
WITH enrolled AS (
  INSERT INTO identity.account_${region} (profile_id, country, password_hash, password_changed_at, email_digest)
  SELECT id, country, $2::text, clock_timestamp(), $3::bytea FROM profile_${region} WHERE id = $1::bigint
  ON CONFLICT (profile_id) DO UPDATE
    SET password_hash = excluded.password_hash, password_changed_at = excluded.password_changed_at,
        email_digest = excluded.email_digest, failed_attempts = 0, locked_until = NULL
  RETURNING profile_id
)
INSERT INTO identity.audit_entry_${region} (action, subject)
SELECT 'enrolled', 'profile:' || profile_id FROM enrolled
