-- What belongs to one setting of a status, and which settings lost against another one.

-- No status is a value: the row stays, and its status is NULL.
ALTER TABLE status ALTER COLUMN status DROP NOT NULL;
ALTER TABLE status ADD COLUMN IF NOT EXISTS paused_until timestamptz;          -- no notifications until then
ALTER TABLE status ADD COLUMN IF NOT EXISTS set_key text NOT NULL DEFAULT '';  -- of the request that set it, if it had one

-- An UPDATE that names no time sets the status now. What it leaves as it was (text, emoji, expiry) belonged to the status
-- before: it goes when the status becomes another, or when it had expired. Times of one row only go forward, so that
-- whoever has seen two settings knows the later one.
CREATE OR REPLACE FUNCTION meridian.touch_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.set_at <> OLD.set_at THEN
    RETURN NEW;  -- who names the time names everything
  END IF;
  IF NEW.paused_until IS DISTINCT FROM OLD.paused_until
     AND (NEW.status, NEW.text, NEW.emoji, NEW.expires_at)
         IS NOT DISTINCT FROM (OLD.status, OLD.text, OLD.emoji, OLD.expires_at) THEN
    RETURN NEW;  -- a pause is no new status
  END IF;
  NEW.set_at := greatest(clock_timestamp(), OLD.set_at + interval '1 microsecond');
  NEW.set_key := '';
  IF (NEW.text, NEW.emoji, NEW.expires_at) IS NOT DISTINCT FROM (OLD.text, OLD.emoji, OLD.expires_at)
     AND (NEW.status IS DISTINCT FROM OLD.status OR OLD.expires_at <= NEW.set_at) THEN
    NEW.text := '';
    NEW.emoji := '';
    NEW.expires_at := NULL;
  END IF;
  RETURN NEW;
END
$$;

-- Two settings of one person's status that did not know of each other, as this cluster learnt of it: the winner is the
-- status now (or was, until a later one). Does not replicate: the other cluster has its own view. An engine that
-- resolves conflicts by itself leaves it empty. Kept for 30 days, and at most about 10,000.
CREATE TABLE IF NOT EXISTS meridian.status_conflict (
  id bigint PRIMARY KEY DEFAULT meridian.next_id(),
  profile_id bigint NOT NULL,
  detected_at timestamptz NOT NULL DEFAULT now(),
  winner_node smallint NOT NULL,  -- where it was set: the cluster's number in the deployment, from 1
  winner_hlc bigint NOT NULL,
  loser_node smallint NOT NULL,
  loser_hlc bigint NOT NULL,
  winner jsonb NOT NULL,  -- the rows
  loser jsonb NOT NULL,
  UNIQUE (profile_id, winner_hlc, winner_node, loser_hlc, loser_node)
);
GRANT SELECT ON meridian.status_conflict TO meridian_service, meridian_adhoc;
