-- The reminder $1 goes, by $2 whom it is for or who made it. What is gone goes again: a repeat is no failure.
UPDATE reminder
   SET state = 'deleted', text = '', completed_at = coalesce(completed_at, now()), lease_until = NULL,
       version = version + 1
 WHERE id = $1::bigint AND (profile_id = $2::bigint OR created_by = $2::bigint)
RETURNING id
