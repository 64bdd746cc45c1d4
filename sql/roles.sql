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
ALTER ROLE meridian_service SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE meridian_adhoc SET statement_timeout = '60s';
