tidied AS (
  DELETE FROM identity.session_${region} s
   WHERE s.profile_id IN (SELECT id FROM person)
     AND (s.expires_at <= clock_timestamp()
          OR s.revoked_at < clock_timestamp() - interval '1 day'
          OR s.token_hash IN (
            SELECT token_hash
              FROM (SELECT token_hash, row_number() OVER (ORDER BY created_at DESC) AS place
                      FROM identity.session_${region}
                     WHERE profile_id IN (SELECT id FROM person) AND revoked_at IS NULL) newest
             WHERE place >= $4::bigint))
  RETURNING profile_id
), made AS (
  -- The token's hash may be there already: a repeat after a lost connection.
  INSERT INTO identity.session_${region} (token_hash, profile_id, country, created_at, expires_at)
  SELECT $2::bytea, id, country, clock_timestamp(), clock_timestamp() + $3::bigint * interval '1 second' FROM person
  ON CONFLICT (token_hash) DO UPDATE SET token_hash = excluded.token_hash
  RETURNING expires_at
),
