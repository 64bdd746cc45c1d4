-- What the checker reads: $1 ids of channels (bigint[]).
SELECT id, last_seq, change_seq FROM channel_${region} WHERE id = ANY ($1::bigint[]) ORDER BY id
