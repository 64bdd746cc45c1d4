-- Claims a workspace's URL over all regions: $1 its digest, for a new id of the region with the number $2. Answers the
-- holder's id, whether it was claimed now, and whether a claim that was there is so old that whoever made it gave up. No
-- row when somebody claims it at this moment.
WITH made AS (
  INSERT INTO identity.claim (kind, digest, holder_id, claimed_at)
  VALUES ('workspace_url', $1::bytea, meridian.next_id($2::int), clock_timestamp())
  ON CONFLICT DO NOTHING
  RETURNING holder_id
)
SELECT holder_id, true, false FROM made
UNION ALL
SELECT c.holder_id, false, c.claimed_at < clock_timestamp() - interval '1 minute'
  FROM identity.claim c
 WHERE c.kind = 'workspace_url' AND c.digest = $1::bytea AND NOT EXISTS (SELECT FROM made)
