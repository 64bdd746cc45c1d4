-- Takes the claim with the digest $1 from the holder $2, who never came to be, for a new id of the region with the number
-- $3. No row when somebody else was quicker.
UPDATE identity.claim
   SET holder_id = meridian.next_id($3::int), claimed_at = clock_timestamp()
 WHERE kind = 'workspace_url' AND digest = $1::bytea AND holder_id = $2::bigint
   AND claimed_at < clock_timestamp() - interval '1 minute'
RETURNING holder_id
