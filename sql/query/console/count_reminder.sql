-- As count_rows, of the table reminder on this node.
SELECT 'reminder', (SELECT count(*) FROM (SELECT FROM reminder LIMIT 10001) s),
       (SELECT c.reltuples::bigint FROM pg_class c WHERE c.oid = 'reminder'::regclass), pg_total_relation_size('reminder'::regclass)
