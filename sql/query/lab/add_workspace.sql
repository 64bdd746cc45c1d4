-- A workspace and its members: $1 id, $2 country, $3 the first person's id, $4 how many people.
WITH made AS (
  INSERT INTO workspace_${region} (id, name, url, country)
  VALUES ($1::bigint, 'Bench ' || $1::bigint, 'https://' || $1::bigint || '.bench.example', $2::text)
  RETURNING id, country
)
INSERT INTO workspaceprofile_${region} (workspace_id, profile_id, workspace_country)
SELECT made.id, $3::bigint + i, made.country FROM made, generate_series(0, $4::bigint - 1) AS i
