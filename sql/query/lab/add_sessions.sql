-- Sessions of a day: $1 the first person's id, $2 a token for each person in their order, $3 their country.
INSERT INTO identity.session_${region} (token_hash, profile_id, country, created_at, expires_at)
SELECT sha256(convert_to(token, 'UTF8')), $1::bigint + place - 1, $3::text, clock_timestamp(),
       clock_timestamp() + interval '1 day'
  FROM unnest($2::text[]) WITH ORDINALITY AS given (token, place)
