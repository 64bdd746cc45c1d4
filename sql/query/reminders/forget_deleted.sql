-- Up to $1 that were deleted more than a week ago.
DELETE FROM reminder
 WHERE id IN (SELECT id
                FROM reminder
               WHERE state = 'deleted' AND completed_at < now() - interval '7 days'
               ORDER BY completed_at
               LIMIT $1::bigint)
