-- Of the channels $1 those that are not at change $2 or have another version than $3: as they are now.
SELECT c.id, c.change_seq, c.version
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS known (id, change_seq, version)
  JOIN channel_${region} c ON c.id = known.id
 WHERE c.change_seq <> known.change_seq OR c.version <> known.version
