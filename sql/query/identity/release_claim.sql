-- Gives an e-mail address back: $1 its digest (bytea), $2 the holder, $3 only a claim made before this time, or null.
DELETE FROM identity.claim
 WHERE kind = 'email' AND digest = $1::bytea AND holder_id = $2::bigint
   AND ($3::timestamptz IS NULL OR claimed_at < $3::timestamptz)
