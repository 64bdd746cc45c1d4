-- The conflicts over statuses of the profiles $1, the latest first, from before the id $2, at most $3.
SELECT id, profile_id, detected_at,
       winner_node::int, winner->>'status', winner->>'text', winner->>'emoji', (winner->>'set_at')::timestamptz,
       loser_node::int, loser->>'status', loser->>'text', loser->>'emoji', (loser->>'set_at')::timestamptz
  FROM meridian.status_conflict
 WHERE profile_id = ANY ($1::bigint[]) AND id < $2::bigint
 ORDER BY id DESC
 LIMIT $3::bigint
