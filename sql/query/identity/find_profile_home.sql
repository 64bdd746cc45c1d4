-- Whether a profile rests here: $1 its id.
SELECT id FROM profile_${region} WHERE id = $1::bigint
