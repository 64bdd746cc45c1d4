-- People. A row rests in the region of the person's country.

CREATE TABLE IF NOT EXISTS profile (
  id bigint,
  full_name text NOT NULL CHECK (length(full_name) BETWEEN 1 AND 200),
  email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
  phone text CHECK (length(phone) <= 40),
  country text,
  main_profile_id bigint,  -- one person may hold several profiles; this is the first, or the row's own id
  title text NOT NULL DEFAULT '' CHECK (length(title) <= 200),
  time_zone text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) <= 64),
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz,
  deactivated_at timestamptz
) PARTITION BY LIST (country);
GRANT SELECT, INSERT, UPDATE, DELETE ON profile TO meridian_service, meridian_adhoc;

-- Ids and times are made where the row rests, so they are not column defaults: those would be evaluated on the node that
-- was asked.
CREATE OR REPLACE FUNCTION meridian.complete_profile() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.country := meridian.country_name(NEW.country, CASE TG_OP WHEN 'INSERT' THEN TG_ARGV[0] END);
  NEW.id := coalesce(NEW.id, meridian.next_id(TG_ARGV[1]::int));
  NEW.main_profile_id := coalesce(NEW.main_profile_id, NEW.id);
  NEW.created_at := coalesce(NEW.created_at, clock_timestamp());
  RETURN NEW;
END
$$;

-- @partition profile by country
  id NOT NULL,
  country NOT NULL,
  main_profile_id NOT NULL,
  created_at NOT NULL,
  PRIMARY KEY (id)

-- @region
GRANT SELECT, INSERT, UPDATE, DELETE ON profile_${region} TO meridian_service, meridian_adhoc;
CREATE INDEX IF NOT EXISTS profile_${region}_email ON profile_${region} (lower(email))${placed};
CREATE INDEX IF NOT EXISTS profile_${region}_main ON profile_${region} (main_profile_id)${placed};
CREATE OR REPLACE TRIGGER complete BEFORE INSERT OR UPDATE OF country ON profile_${region}
  FOR EACH ROW EXECUTE FUNCTION meridian.complete_profile('${region}', '${region_number}');
