-- What goes, goes whole, also at the moment in which something is added to it. Triggers, because they see what others
-- committed while their statement waited for a row; the statement itself would not.

-- @region
CREATE OR REPLACE FUNCTION meridian.forget_message_${region}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM public.message_revision_${region} WHERE message_id = NEW.id;
  DELETE FROM public.reaction_${region} WHERE message_id = NEW.id;
  DELETE FROM public.mention_${region} WHERE channel_id = NEW.channel_id AND seq = NEW.seq;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER forget AFTER UPDATE OF deleted_at ON message_${region}
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
  EXECUTE FUNCTION meridian.forget_message_${region}();

-- Whoever is out of a channel is looked at again by those who tell its events, also when a person typed the DELETE. Before
-- the row goes and not after, so that the channel is locked before the audit log's head.
CREATE OR REPLACE FUNCTION meridian.move_version_${region}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE public.channel_${region} SET version = version + 1 WHERE id = OLD.channel_id;
  RETURN OLD;
END
$$;
CREATE OR REPLACE TRIGGER move_version BEFORE DELETE ON channel_member_${region}
  FOR EACH ROW EXECUTE FUNCTION meridian.move_version_${region}();

-- The channels are locked in the order of their ids, as a batch of messages locks them.
CREATE OR REPLACE FUNCTION meridian.leave_channels_${region}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM public.channel_${region} c
    WHERE c.workspace_id = OLD.workspace_id
      AND c.id IN (SELECT m.channel_id FROM public.channel_member_${region} m WHERE m.profile_id = OLD.profile_id)
    ORDER BY c.id
      FOR NO KEY UPDATE;
  DELETE FROM public.channel_member_${region} m
   USING public.channel_${region} c
   WHERE c.id = m.channel_id AND c.workspace_id = OLD.workspace_id AND m.profile_id = OLD.profile_id;
  RETURN OLD;
END
$$;
