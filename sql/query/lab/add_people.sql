-- People who can sign in: $1 the first's id, $2 how many, $3 their country. Nobody knows their passwords: they have none.
WITH people AS (
  INSERT INTO profile_${region} (id, full_name, email, country, main_profile_id)
  SELECT $1::bigint + i, 'Person ' || i, 'person' || $1::bigint + i || '@bench.example', $3::text, $1::bigint + i
    FROM generate_series(0, $2::bigint - 1) AS i
  RETURNING id, country
)
INSERT INTO identity.account_${region} (profile_id, country, password_hash, password_changed_at)
SELECT id, country, '!', clock_timestamp() FROM people
