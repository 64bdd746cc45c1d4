-- The reminders $1 that are held under the lease $3 were announced; those for which $2 says so are over with that.
UPDATE reminder r
   SET lease_until = NULL,
       state = CASE WHEN g.is_over THEN 'completed' ELSE r.state END,
       completed_at = CASE WHEN g.is_over THEN now() END,
       version = r.version + CASE WHEN g.is_over THEN 1 ELSE 0 END
  FROM unnest($1::bigint[], $2::boolean[]) AS g (id, is_over)
 WHERE r.id = g.id AND r.state = 'due' AND r.lease_until = $3::timestamptz
