       -- How many messages behind read cursor r call member m of channel c, or everybody; 100 stands for more.
       (SELECT count(*)
          FROM (SELECT DISTINCT k.seq
                  FROM mention_${region} k
                 WHERE m.profile_id IS NOT NULL AND k.channel_id = c.id AND k.profile_id IN (m.profile_id, 0)
                   AND k.seq > coalesce(r.read_seq, 0)
                 LIMIT 100) AS calls)
