-- How two standalone PostgreSQL nodes converge: each row carries a hybrid logical clock (Kulkarni et al. 2014) and the
-- node that wrote it, and the higher pair wins on both sides, whatever the order of arrival. pglogical's own resolution
-- by commit time diverges when the clocks do.

ALTER TABLE status ADD COLUMN IF NOT EXISTS hlc bigint NOT NULL DEFAULT 0;         -- milliseconds << 12 | counter
ALTER TABLE status ADD COLUMN IF NOT EXISTS hlc_node smallint NOT NULL DEFAULT 0;  -- breaks ties

-- A write made here is later than the wall clock says and than the version it replaces.
CREATE OR REPLACE FUNCTION meridian.stamp_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND NEW.profile_id <> OLD.profile_id) THEN
    RAISE EXCEPTION 'a status is never deleted or handed to another profile'
      USING ERRCODE = 'feature_not_supported', HINT = 'Set it to ''Active'', with an empty text.';
  END IF;
  NEW.hlc := (extract(epoch FROM clock_timestamp()) * 1000)::bigint << 12;
  IF TG_OP = 'UPDATE' THEN
    NEW.hlc := greatest(NEW.hlc, OLD.hlc + 1);
  END IF;
  NEW.hlc_node := ${node_number};
  RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER stamp BEFORE INSERT OR UPDATE OR DELETE ON status
  FOR EACH ROW EXECUTE FUNCTION meridian.stamp_status();

-- A version that comes from the other node enters only when it is the later one.
CREATE OR REPLACE FUNCTION meridian.merge_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (NEW.hlc, NEW.hlc_node) > (OLD.hlc, OLD.hlc_node) THEN
    RETURN NEW;
  END IF;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER merge BEFORE UPDATE ON status FOR EACH ROW EXECUTE FUNCTION meridian.merge_status();
ALTER TABLE status ENABLE REPLICA TRIGGER merge;

-- Merges versions that the other node held before changes began to flow. To be called with session_replication_role set
-- to replica, so that they are judged by the merge trigger. A step that adds a column to status replaces this function.
CREATE OR REPLACE FUNCTION meridian.merge_statuses(versions jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO public.status AS mine (profile_id, status, set_at, text, emoji, expires_at, hlc, hlc_node)
  SELECT profile_id, status, set_at, text, emoji, expires_at, hlc, hlc_node
    FROM jsonb_populate_recordset(NULL::public.status, versions)
  ON CONFLICT (profile_id) DO UPDATE
    SET status = excluded.status, set_at = excluded.set_at, text = excluded.text, emoji = excluded.emoji,
        expires_at = excluded.expires_at, hlc = excluded.hlc, hlc_node = excluded.hlc_node
$$;
