-- The person $2 (the first profile's id) changes profile $1 as $3: full_name $4, title $5, time_zone $6, phone $7 (""
-- takes it away), e-mail $8 with its digest $9; NULL leaves a field alone. Only at version $10, unless that is NULL or
-- there is nothing to change: a repeat knows the version before its own change. The audit entry names the fields $11 and
-- no values.
WITH target AS MATERIALIZED (
  SELECT p.*,
         coalesce($4::text, p.full_name) = p.full_name
         AND coalesce($5::text, p.title) = p.title
         AND coalesce($6::text, p.time_zone) = p.time_zone
         AND coalesce($7::text, p.phone, '') = coalesce(p.phone, '')
         AND coalesce($8::text, p.email) = p.email
         AND ($9::bytea IS NULL
              OR EXISTS (SELECT FROM identity.account_${region} a
                          WHERE a.profile_id = p.id AND a.email_digest = $9::bytea))
         AS is_same
    FROM profile_${region} p
   WHERE p.id = $1::bigint AND p.main_profile_id = $2::bigint AND p.deactivated_at IS NULL
     FOR NO KEY UPDATE
), changed AS (
  UPDATE profile_${region} p
     SET full_name = coalesce($4::text, p.full_name),
         title = coalesce($5::text, p.title),
         time_zone = coalesce($6::text, p.time_zone),
         phone = nullif(coalesce($7::text, p.phone), ''),
         email = coalesce($8::text, p.email),
         version = p.version + 1
    FROM target t
   WHERE p.id = t.id AND NOT t.is_same AND t.version = coalesce($10::bigint, t.version)
  RETURNING p.*
), addressed AS (
  UPDATE identity.account_${region} a
     SET email_digest = $9::bytea
    FROM changed c
   WHERE a.profile_id = c.id AND $9::bytea IS NOT NULL
  RETURNING a.profile_id
), noted AS (
  INSERT INTO identity.audit_entry_${region} (actor_id, action, subject, details)
  SELECT $3::bigint, 'profile edited', 'profile:' || c.id, jsonb_build_object('fields', $11::text[])
    FROM changed c, (SELECT count(*) FROM addressed) AS a
)
SELECT p.*, p.id IS NULL AS is_stale
  FROM target t
  LEFT JOIN LATERAL (
    SELECT c.id, c.full_name, c.email, c.phone, c.title, c.time_zone, c.country, c.main_profile_id, c.version,
           c.created_at, c.deactivated_at
      FROM changed c
     UNION ALL
    SELECT t.id, t.full_name, t.email, t.phone, t.title, t.time_zone, t.country, t.main_profile_id, t.version,
           t.created_at, t.deactivated_at
     WHERE t.is_same
  ) p ON true
