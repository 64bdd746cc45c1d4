-- What people are up to: one row a person, replicated both ways. The row is a last-writer-wins register, so it has a
-- primary key only, no secondary index, and is never deleted: "no status" is a value.

-- Asked first, not caught: YugabyteDB has no savepoints around DDL, which an EXCEPTION block would need.
DO $$
BEGIN
  IF to_regtype('profile_status') IS NULL THEN
    CREATE TYPE profile_status AS ENUM ('Active', 'Busy', 'In a Meeting', 'Vacationing', 'Out Sick');
  END IF;
END
$$;

CREATE TABLE IF NOT EXISTS status (
  profile_id bigint PRIMARY KEY,
  status profile_status NOT NULL DEFAULT 'Active',
  set_at timestamptz NOT NULL DEFAULT now(),
  text text NOT NULL DEFAULT '' CHECK (length(text) <= 200),
  emoji text NOT NULL DEFAULT '' CHECK (length(emoji) <= 100),
  expires_at timestamptz
);

-- An UPDATE that names no time sets the status now.
CREATE OR REPLACE FUNCTION meridian.touch_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.set_at = OLD.set_at THEN
    NEW.set_at := clock_timestamp();
  END IF;
  RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON status FOR EACH ROW EXECUTE FUNCTION meridian.touch_status();
GRANT SELECT, INSERT, UPDATE ON status TO meridian_service, meridian_adhoc;
