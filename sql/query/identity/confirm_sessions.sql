-- Which of these sessions hold: $1 hashes of tokens (bytea[]).
SELECT s.token_hash, s.profile_id, p.main_profile_id, s.expires_at
  FROM unnest($1::bytea[]) AS asked (token_hash)
  JOIN identity.session_${region} s ON s.token_hash = asked.token_hash
  JOIN identity.account_${region} a ON a.profile_id = s.profile_id
  JOIN profile_${region} p ON p.id = s.profile_id
 WHERE s.revoked_at IS NULL
   AND s.expires_at > clock_timestamp()
   AND a.disabled_at IS NULL
   AND p.deactivated_at IS NULL
