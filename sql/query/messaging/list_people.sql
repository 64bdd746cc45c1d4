-- Which of the profiles $1 rest here, and how they are shown; with $2, those only whose name holds it.
SELECT p.id, p.full_name, p.title, p.time_zone
  FROM profile_${region} p
 WHERE p.id = ANY ($1::bigint[]) AND ($2::text IS NULL OR strpos(lower(p.full_name), lower($2::text)) > 0)
