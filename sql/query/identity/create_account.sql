-- A new profile with its account: $1 id, $2 full_name, $3 email, $4 phone, $5 country, $6 main_profile_id or null for its
-- own, $7 title, $8 time_zone, $9 password_hash, $10 email_digest (bytea), $11 creation_key, $12 the profile that asks or
-- null. A repeat after a lost connection finds what the first one made; no row when the id belongs to somebody else.
WITH person AS (
  INSERT INTO profile_${region} (id, full_name, email, phone, country, main_profile_id, title, time_zone)
  VALUES ($1::bigint, $2::text, $3::text, $4::text, $5::text, $6::bigint, $7::text, $8::text)
  ON CONFLICT (id) DO NOTHING
  RETURNING *
), account AS (
  INSERT INTO identity.account_${region}
    (profile_id, country, password_hash, password_changed_at, email_digest, creation_key)
  SELECT id, country, $9::text, clock_timestamp(), $10::bytea, $11::text FROM person
  RETURNING profile_id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject)
  SELECT coalesce($12::bigint, id), 'signed up', 'profile:' || id FROM person, account
)
SELECT
       -- @include person_columns
  FROM person p
UNION ALL
SELECT
       -- @include person_columns
  FROM profile_${region} p
  JOIN identity.account_${region} a ON a.profile_id = p.id AND a.email_digest = $10::bytea
 WHERE p.id = $1::bigint AND NOT EXISTS (SELECT FROM person)
