-- Channels and their members: $1 the first's id, $2 how many channels, $3 workspace_id, $4 country, $5 the first
-- person's id, $6 how many people are in each.
WITH made AS (
  INSERT INTO channel_${region} (id, name, workspace_id, country)
  SELECT $1::bigint + i, 'bench ' || i, $3::bigint, $4::text FROM generate_series(0, $2::bigint - 1) AS i
  RETURNING id, country
)
INSERT INTO channel_member_${region} (channel_id, profile_id, country)
SELECT made.id, $5::bigint + i, made.country FROM made, generate_series(0, $6::bigint - 1) AS i
