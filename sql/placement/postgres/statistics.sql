-- ANALYZE would copy values out of the other regions' rows into this node's pg_statistic, where they would rest: so no
-- statistics are gathered on what is not here. (The partitions that rest here have their own.)
DO $$
DECLARE
  place record;
BEGIN
  FOR place IN
    SELECT c.oid::regclass AS relation, c.relkind, a.attname
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attstattarget <> 0
     WHERE c.relkind IN ('p', 'f') AND c.relnamespace::regnamespace::text IN ('public', 'identity')
  LOOP
    EXECUTE format('ALTER %s ONLY %s ALTER COLUMN %I SET STATISTICS 0',
                   CASE place.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, place.relation, place.attname);
  END LOOP;
END
$$;

-- Nor do any stay that were gathered before.
DELETE FROM pg_statistic s USING pg_class c
 WHERE c.oid = s.starelid AND c.relkind IN ('p', 'f') AND c.relnamespace::regnamespace::text IN ('public', 'identity');
