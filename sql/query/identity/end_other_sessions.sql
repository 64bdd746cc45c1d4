-- Ends the sessions that person $1 (the first profile's id) has here, but for the one whose token's hash begins with the 8
-- octets $2 (bytea); $3 is the profile that asks.
WITH ended AS (
  UPDATE identity.session_${region} s
     SET revoked_at = clock_timestamp()
    FROM profile_${region} p
   WHERE p.main_profile_id = $1::bigint AND s.profile_id = p.id
     AND s.revoked_at IS NULL AND substr(s.token_hash, 1, 8) <> $2::bytea
  RETURNING s.profile_id
)
INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
SELECT $3::bigint, 'signed out', 'profile:' || profile_id, jsonb_build_object('sessions_revoked', count(*))
  FROM ended
 GROUP BY profile_id
