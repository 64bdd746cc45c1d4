-- The reminder $1 for $2, made by $3 with the request's key $4: about the message $5 (in the channel $6, in the region
-- $7), into the channel $8, the text $9, at $10, in the time zone $11, recurring as $12 from $13 on. No row when $3 has made
-- $14 that are open. A repeat of the key changes nothing, but it writes all the same: so it is acknowledged when the first one is
-- on a replica too, whether or not that was ever said.
WITH made AS (
  SELECT count(*) AS open
    FROM (SELECT FROM reminder WHERE created_by = $3::bigint AND state IN ('scheduled', 'due') LIMIT $14::bigint) o
)
INSERT INTO reminder (id, profile_id, created_by, creation_key, message_id, message_channel_id, message_region, channel_id,
                      text, notify_at, time_zone, recurrence, recurs_from)
SELECT $1::bigint, $2::bigint, $3::bigint, $4::text, $5::bigint, $6::bigint, $7::text, $8::bigint, $9::text,
       $10::timestamptz, $11::text, $12::text, $13::timestamptz
  FROM made
 WHERE made.open < $14::bigint
    OR EXISTS (SELECT FROM reminder WHERE created_by = $3::bigint AND creation_key = $4::text)
ON CONFLICT (created_by, creation_key) WHERE creation_key IS NOT NULL
DO UPDATE SET creation_key = excluded.creation_key
RETURNING
-- @include reminder_columns
