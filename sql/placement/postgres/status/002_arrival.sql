-- Which version replaced which, so that a conflict can be told from a succession, and what arrived at this node when.

-- The clock of the version that this one replaced, as its writer saw it; 0 for a first one.
ALTER TABLE status ADD COLUMN IF NOT EXISTS replaced_hlc bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION meridian.stamp_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND NEW.profile_id <> OLD.profile_id) THEN
    RAISE EXCEPTION 'a status is never deleted or handed to another profile'
      USING ERRCODE = 'feature_not_supported', HINT = 'Set it to NULL: that is no status.';
  END IF;
  NEW.hlc := (extract(epoch FROM clock_timestamp()) * 1000)::bigint << 12;
  NEW.replaced_hlc := 0;
  IF TG_OP = 'UPDATE' THEN
    NEW.hlc := greatest(NEW.hlc, OLD.hlc + 1);
    NEW.replaced_hlc := OLD.hlc;
  END IF;
  NEW.hlc_node := ${node_number};
  RETURN NEW;
END
$$;

-- Keeps the log bounded now and then: nobody waits for a job.
CREATE OR REPLACE FUNCTION meridian.note_status_conflict(winner public.status, loser public.status) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO meridian.status_conflict (profile_id, winner_node, winner_hlc, loser_node, loser_hlc, winner, loser)
  VALUES (winner.profile_id, winner.hlc_node, winner.hlc, loser.hlc_node, loser.hlc, to_jsonb(winner), to_jsonb(loser))
  ON CONFLICT DO NOTHING;
  IF random() < 0.01 THEN
    DELETE FROM meridian.status_conflict
     WHERE detected_at < now() - interval '30 days'
        OR id <= (SELECT c.id FROM meridian.status_conflict c ORDER BY c.id DESC OFFSET 10000 LIMIT 1);
  END IF;
END
$$;

-- A version that comes from the other node enters only when it is the later one. src/status/merge.hpp is the same rule,
-- and a test holds the two against each other.
CREATE OR REPLACE FUNCTION meridian.merge_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wins CONSTANT boolean := (NEW.hlc, NEW.hlc_node) > (OLD.hlc, OLD.hlc_node);
BEGIN
  -- Neither replaced the other, and people would see a difference.
  IF NEW.hlc_node <> OLD.hlc_node AND NEW.replaced_hlc <> OLD.hlc AND OLD.replaced_hlc <> NEW.hlc
     AND (NEW.status, NEW.text, NEW.emoji, NEW.expires_at, NEW.paused_until)
         IS DISTINCT FROM (OLD.status, OLD.text, OLD.emoji, OLD.expires_at, OLD.paused_until) THEN
    IF wins THEN
      PERFORM meridian.note_status_conflict(NEW, OLD);
    ELSE
      PERFORM meridian.note_status_conflict(OLD, NEW);
    END IF;
  END IF;
  IF wins THEN
    RETURN NEW;
  END IF;
  RETURN NULL;
END
$$;

-- A step that adds a column to status replaces this function. A node that has not come to this step yet sends no
-- replaced_hlc and the like.
CREATE OR REPLACE FUNCTION meridian.merge_statuses(versions jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO public.status AS mine (profile_id, status, set_at, text, emoji, expires_at, paused_until, set_key, hlc,
                                     hlc_node, replaced_hlc)
  SELECT profile_id, status, set_at, text, emoji, expires_at, paused_until, coalesce(set_key, ''), hlc, hlc_node,
         coalesce(replaced_hlc, 0)
    FROM jsonb_populate_recordset(NULL::public.status, versions)
  ON CONFLICT (profile_id) DO UPDATE
    SET status = excluded.status, set_at = excluded.set_at, text = excluded.text, emoji = excluded.emoji,
        expires_at = excluded.expires_at, paused_until = excluded.paused_until, set_key = excluded.set_key,
        hlc = excluded.hlc, hlc_node = excluded.hlc_node, replaced_hlc = excluded.replaced_hlc
$$;

-- When each status last changed here, whoever changed it: a request, psql, or the other node. `arrival` is the number of
-- the transaction: those below status_horizon() are over, so whoever read at a horizon goes on from there and misses
-- nothing. It is this node's own and does not replicate, so it may have the indexes that status may not.
CREATE TABLE IF NOT EXISTS meridian.status_arrival (
  profile_id bigint PRIMARY KEY,
  arrival bigint NOT NULL,
  expires_at timestamptz
);
CREATE INDEX IF NOT EXISTS status_arrival_order ON meridian.status_arrival (arrival, profile_id);
CREATE INDEX IF NOT EXISTS status_arrival_expiry ON meridian.status_arrival (expires_at) WHERE expires_at IS NOT NULL;
GRANT SELECT ON meridian.status_arrival TO meridian_service;

CREATE OR REPLACE FUNCTION meridian.status_horizon() RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint $$;

CREATE OR REPLACE FUNCTION meridian.note_status_arrival() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO meridian.status_arrival (profile_id, arrival, expires_at)
  VALUES (NEW.profile_id, pg_current_xact_id()::text::bigint, NEW.expires_at)
  ON CONFLICT (profile_id) DO UPDATE SET arrival = excluded.arrival, expires_at = excluded.expires_at;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER arrival AFTER INSERT OR UPDATE ON status
  FOR EACH ROW EXECUTE FUNCTION meridian.note_status_arrival();
ALTER TABLE status ENABLE ALWAYS TRIGGER arrival;
