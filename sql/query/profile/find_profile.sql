-- Whether profile $1 rests here.
SELECT 1 FROM profile_${region} WHERE id = $1::bigint
