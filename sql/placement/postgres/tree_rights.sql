-- On a node of the geo-distributed deployment everybody reads rows of all regions, so nobody but the owner may write them
-- down here: not in temporary tables, not in large objects, not in the log by RAISE LOG.
DO $$
DECLARE
  way record;
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  FOR way IN
    SELECT oid::regprocedure AS signature FROM pg_proc
     WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_|lowrite$)'
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', way.signature);
  END LOOP;
END
$$;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO meridian_owner;
