-- What the token with the hash $1 opens; no row for one that opens nothing (any more).
SELECT w.id, w.name, w.url, i.role, i.expires_at
  FROM identity.invitation_${region} i
  JOIN workspace_${region} w ON w.id = i.workspace_id
 WHERE i.token_hash = $1::bytea AND i.revoked_at IS NULL AND i.expires_at > now() AND i.uses < i.uses_max
   AND
       -- @include invitation_holds
