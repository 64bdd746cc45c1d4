-- Gives the claim with the digest $1 back that $2 holds.
DELETE FROM identity.claim WHERE kind = 'workspace_url' AND digest = $1::bytea AND holder_id = $2::bigint
