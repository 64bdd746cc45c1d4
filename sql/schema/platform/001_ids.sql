-- What every deployment has: ids, and which cluster this is.

CREATE SCHEMA IF NOT EXISTS meridian;
GRANT USAGE ON SCHEMA meridian TO meridian_service, meridian_adhoc;

CREATE SEQUENCE IF NOT EXISTS meridian.id_counter MINVALUE 0 MAXVALUE 4095 CYCLE;

-- 41 bits of milliseconds since 2024, 5 of the region, 5 of the writer (0: the database), 12 of the counter: the layout
-- of src/base/ids.hpp. Two rows can't share an id unless 4,096 are made in one millisecond or the clock is set back into
-- one; then the primary key refuses the second.
CREATE OR REPLACE FUNCTION meridian.next_id(region_number int DEFAULT 0) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (((extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1704067200000) << 22)
         + (region_number::bigint << 17)
         + nextval('meridian.id_counter')
$$;

-- Which cluster this node belongs to: one row, written when the cluster is made.
CREATE TABLE IF NOT EXISTS meridian.universe (
  id uuid PRIMARY KEY,
  deployment text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON meridian.universe TO meridian_service, meridian_adhoc;

-- Data that was loaded once, so that it does not come back after somebody deletes it.
CREATE TABLE IF NOT EXISTS meridian.data_load (
  name text PRIMARY KEY,
  loaded_at timestamptz NOT NULL DEFAULT now()
);
