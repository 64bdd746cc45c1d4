-- Those for $1 in the states $2, behind $3 and the id $4 (null: from the start), at most $5.
SELECT
-- @include reminder_columns
  FROM reminder
 WHERE profile_id = $1::bigint AND state = ANY ($2::text[])
   AND ($3::timestamptz IS NULL OR (notify_at, id) > ($3::timestamptz, $4::bigint))
 ORDER BY notify_at, id
 LIMIT $5::bigint
