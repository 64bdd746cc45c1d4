-- On a node of the geo-distributed deployment everybody reads rows of all regions. These ways of writing them down here are
-- closed: temporary tables, large objects, RAISE LOG, messages in the write-ahead log, the other databases.
DO $$
DECLARE
  way record;
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  FOR way IN
    SELECT oid::regprocedure AS signature FROM pg_proc
     WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_|lowrite$|pg_logical_emit_message$)'
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', way.signature);
  END LOOP;
END
$$;
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO meridian_owner;
