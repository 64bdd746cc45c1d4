-- A profile by its id ($1).
SELECT
       -- @include person_columns
  FROM profile_${region} p
 WHERE p.id = $1::bigint
