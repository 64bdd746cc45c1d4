-- As count_rows, of the table status on this node.
SELECT 'status', (SELECT count(*) FROM (SELECT FROM status LIMIT 10001) s),
       (SELECT c.reltuples::bigint FROM pg_class c WHERE c.oid = 'status'::regclass), pg_total_relation_size('status'::regclass)
