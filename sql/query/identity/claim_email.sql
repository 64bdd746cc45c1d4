-- Claims an e-mail address over all regions: $1 its digest (bytea), $2 the holder's profile_id, or null for a new one of
-- the region with number $3. Answers the holder, whether it was claimed now, since when, and whether a claim that was
-- there is old enough to be taken over when nobody uses it. No row when somebody claims it at this moment.
WITH made AS (
  INSERT INTO identity.claim (kind, digest, holder_id, claimed_at)
  VALUES ('email', $1::bytea, coalesce($2::bigint, meridian.next_id($3::int)), clock_timestamp())
  ON CONFLICT DO NOTHING
  RETURNING holder_id, claimed_at
)
SELECT holder_id, true AS is_new, claimed_at, false AS is_old FROM made
UNION ALL
SELECT c.holder_id, false, c.claimed_at, c.claimed_at < clock_timestamp() - interval '1 minute'
  FROM identity.claim c
 WHERE c.kind = 'email' AND c.digest = $1::bytea AND NOT EXISTS (SELECT FROM made)
