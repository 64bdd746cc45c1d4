-- Those of $1 whose name or title holds $2 (a LIKE pattern), whose title holds $3 and whose time zone is $4
-- (NULL: any), behind ($5, $6) in the order of names, at most $7.
SELECT id, full_name, email, phone, title, time_zone, country, main_profile_id, version, created_at, deactivated_at,
       lower(full_name) AS sorted_by
  FROM profile_${region}
 WHERE id = ANY ($1::bigint[])
   AND deactivated_at IS NULL
   AND ($2::text IS NULL OR lower(full_name) LIKE lower($2::text) OR lower(title) LIKE lower($2::text))
   AND ($3::text IS NULL OR lower(title) LIKE lower($3::text))
   AND ($4::text IS NULL OR time_zone = $4::text)
   AND ($5::text IS NULL OR (lower(full_name) COLLATE "C", id) > ($5::text COLLATE "C", $6::bigint))
 ORDER BY lower(full_name) COLLATE "C", id
 LIMIT $7::bigint
