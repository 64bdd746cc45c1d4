-- Takes a claim that no account uses: $1 the digest (bytea), $2 the old holder, $3 the new one's profile_id, or null for a
-- new one of the region with number $4. One's own is renewed. No row when somebody else was quicker.
UPDATE identity.claim
   SET holder_id = coalesce($3::bigint, meridian.next_id($4::int)), claimed_at = clock_timestamp()
 WHERE kind = 'email' AND digest = $1::bytea AND holder_id = $2::bigint
   AND (holder_id = $3::bigint OR claimed_at < clock_timestamp() - interval '1 minute')
RETURNING holder_id, claimed_at
