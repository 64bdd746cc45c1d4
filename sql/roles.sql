-- Who may do what. The owner makes tables and can't sign in; the services read and write them; the ad-hoc role, for
-- people with psql, can't enter the schema with credentials.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['meridian_owner', 'meridian_service', 'meridian_adhoc'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I', wanted);
    END IF;
  END LOOP;
END
$$;
ALTER ROLE meridian_service LOGIN;
ALTER ROLE meridian_adhoc LOGIN;
ALTER ROLE meridian_service SET statement_timeout = '10s';
-- Services prepare a statement once and keep its plan while tables grow from nothing to millions: it must be one that
-- looks rows up by their keys, whatever the sizes were when it was made. (A plan with a scan that could not be avoided
-- would look costly enough to be compiled; hence no jit.)
ALTER ROLE meridian_service SET plan_cache_mode = 'force_generic_plan';
ALTER ROLE meridian_service SET enable_seqscan = off;
ALTER ROLE meridian_service SET jit = off;
ALTER ROLE meridian_service SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE meridian_adhoc SET statement_timeout = '60s';
