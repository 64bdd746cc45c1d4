-- Messages of 200 letters, dealt out over channels in turn: $1 the first channel's id, $2 how many channels, $3 country,
-- $4 the first message's id (a counter of 0 in its millisecond; 100,000 get the same millisecond), $5 and $6 the places
-- of the first and the last one among all, from 0, $7 the first person's id, $8 how many people. The channels' counters
-- are not moved.
INSERT INTO message_${region} (id, channel_id, sender_id, message, sent_at, country, seq, change_seq)
SELECT $4::bigint + (i / 100000) * 4194304 + i % 100000,
       $1::bigint + i % $2::bigint,
       $7::bigint + i % $8::bigint,
       rpad('Note ' || i || ': the night shift is on and everything is calm, ', 200, 'all is well here. '),
       timestamptz '2026-01-01 00:00:00+00' + i * interval '1 millisecond',
       $3::text,
       i / $2::bigint + 1,
       i / $2::bigint + 1
  FROM generate_series($5::bigint, $6::bigint) AS i
