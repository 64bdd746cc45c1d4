-- A region's newest audit entries: $1 how many.
SELECT number, at, actor_id, action, subject, details::text, hash
  FROM identity.audit_entry_${region}
 ORDER BY number DESC
 LIMIT $1::bigint
