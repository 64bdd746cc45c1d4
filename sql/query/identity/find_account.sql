-- Whoever signs in with an e-mail address: $1 its digest (bytea).
SELECT a.profile_id, a.password_hash,
       greatest(0, ceil(extract(epoch FROM a.locked_until - clock_timestamp())))::bigint AS locked_s,
       a.disabled_at IS NULL AND p.deactivated_at IS NULL AS is_active,
       a.creation_key
  FROM identity.account_${region} a
  JOIN profile_${region} p ON p.id = a.profile_id
 WHERE a.email_digest = $1::bytea
