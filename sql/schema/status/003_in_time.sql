-- A request that gave a cluster up and went to the other one must not be done here later, when this one thaws: it would
-- take the later time and win over what came after it.
CREATE OR REPLACE FUNCTION meridian.check_in_time(latest timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF clock_timestamp() > latest THEN
    RAISE query_canceled USING MESSAGE = 'nobody waits for this statement any more',
      HINT = 'If all fail so: the clocks of this server and of the one that asks differ by a second or more.';
  END IF;
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION meridian.check_in_time FROM PUBLIC;
GRANT EXECUTE ON FUNCTION meridian.check_in_time TO meridian_service;
