-- The country map: every accepted spelling, the name that rows carry, and the region where they rest.

CREATE TABLE IF NOT EXISTS meridian.country (
  accepted text PRIMARY KEY,
  name text NOT NULL,
  alpha2 text NOT NULL,
  region text NOT NULL
);
GRANT SELECT ON meridian.country TO meridian_service, meridian_adhoc;

INSERT INTO meridian.country (accepted, name, alpha2, region) VALUES
${country_rows}
ON CONFLICT DO NOTHING;

-- The name of a country that rests in this region, whatever spelling it was given in. Without a region any will do: a row
-- that is being moved elsewhere is for the partitions to judge.
CREATE OR REPLACE FUNCTION meridian.country_name(given text, here text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_name text;
  found_region text;
BEGIN
  SELECT name, region INTO found_name, found_region FROM meridian.country WHERE accepted = given;
  IF found_region = here OR here IS NULL THEN
    RETURN coalesce(found_name, given);
  END IF;
  IF found_region IS NULL THEN
    PERFORM meridian.refuse_country(given);
  END IF;
  RAISE EXCEPTION 'rows of % rest in %, not in %', found_name, found_region, here
    USING ERRCODE = 'check_violation', HINT = 'Name the whole table instead of one of its partitions.';
END
$$;

CREATE OR REPLACE FUNCTION meridian.refuse_country(given text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  accepted_names text;
BEGIN
  SELECT string_agg(name, ', ' ORDER BY name) INTO accepted_names FROM (SELECT DISTINCT name FROM meridian.country) AS known;
  IF given IS NULL THEN
    RAISE EXCEPTION 'a country is needed: it decides where the row rests'
      USING ERRCODE = 'not_null_violation', HINT = 'Accepted are these names and their ISO 3166 codes: ' || accepted_names;
  END IF;
  RAISE EXCEPTION 'unknown country "%"', given
    USING ERRCODE = 'check_violation', HINT = 'Accepted are these names and their ISO 3166 codes: ' || accepted_names;
END
$$;

-- Guards the partition that no row may enter: what reaches it named a country that is not on the map. The argument is
-- the name of the country column.
CREATE OR REPLACE FUNCTION meridian.refuse_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM meridian.refuse_country(to_jsonb(NEW) ->> TG_ARGV[0]);
  RETURN NULL;
END
$$;
