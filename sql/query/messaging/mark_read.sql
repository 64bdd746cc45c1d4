-- Reader $2 has read channel $1 up to $3; never back, unless $4 says so. Beyond the end means the end.
WITH place AS MATERIALIZED (
  SELECT c.id, c.country, least($3::bigint, c.last_seq) AS seq, c.last_seq, a.profile_id IS NOT NULL AS is_member
    FROM channel_${region} c
    LEFT JOIN channel_member_${region} a ON a.channel_id = c.id AND a.profile_id = $2::bigint
   WHERE c.id = $1::bigint
     AND
       -- @include channel_is_visible
), marked AS (
  INSERT INTO read_cursor_${region} AS r (channel_id, profile_id, country, read_seq, read_at)
  SELECT id, $2::bigint, country, seq, clock_timestamp() FROM place WHERE is_member
  ON CONFLICT (channel_id, profile_id) DO UPDATE
     SET read_seq = CASE WHEN $4::boolean THEN excluded.read_seq ELSE greatest(r.read_seq, excluded.read_seq) END,
         read_at = excluded.read_at
  RETURNING read_seq
)
SELECT p.is_member, coalesce(m.read_seq, 0),
       -- What came meanwhile may be read already, and is not in this snapshot.
       greatest(p.last_seq, m.read_seq)
  FROM place p
  LEFT JOIN marked m ON true
