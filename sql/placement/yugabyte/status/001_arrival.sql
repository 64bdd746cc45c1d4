-- What changed lately, without the triggers and indexes that xCluster replication both ways does not bear: by the time of
-- the setting, looked at a minute back. What arrives later than that from the other universe is not announced; it is
-- there for whoever reads.
CREATE OR REPLACE VIEW meridian.status_arrival AS
  SELECT profile_id, (extract(epoch FROM set_at) * 1000000)::bigint AS arrival, expires_at FROM status;
GRANT SELECT ON meridian.status_arrival TO meridian_service;

CREATE OR REPLACE FUNCTION meridian.status_horizon() RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT (extract(epoch FROM now() - interval '1 minute') * 1000000)::bigint $$;
