-- Messages, what was said before an edit, and reactions. A message rests in its channel's region.

CREATE TABLE IF NOT EXISTS message (
  id bigint,
  channel_id bigint NOT NULL,
  sender_id bigint NOT NULL,  -- may rest in any region, so it is no foreign key
  message text NOT NULL CHECK (length(message) <= 40000),
  sent_at timestamptz,
  country text,
  seq bigint,         -- 1, 2, 3, ... in its channel
  change_seq bigint,  -- the channel's when this row last changed
  client_msg_id text CHECK (length(client_msg_id) BETWEEN 1 AND 100),  -- the sender's own; a repeat is the same message
  thread_root_id bigint,
  edited_at timestamptz,
  deleted_at timestamptz  -- a deleted message stays as a tombstone without its text, so that seq has no gap
) PARTITION BY LIST (country);

CREATE TABLE IF NOT EXISTS message_revision (
  message_id bigint NOT NULL,
  change_seq bigint NOT NULL,  -- of the text that was replaced
  message text NOT NULL,
  country text NOT NULL,
  replaced_at timestamptz NOT NULL
) PARTITION BY LIST (country);

CREATE TABLE IF NOT EXISTS reaction (
  message_id bigint NOT NULL,
  profile_id bigint NOT NULL,
  emoji text NOT NULL CHECK (length(emoji) BETWEEN 1 AND 100),
  country text NOT NULL,
  reacted_at timestamptz NOT NULL
) PARTITION BY LIST (country);

GRANT SELECT, INSERT, UPDATE, DELETE ON message, message_revision, reaction TO meridian_service, meridian_adhoc;

CREATE OR REPLACE FUNCTION meridian.refuse_renumbering() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'a message keeps its number and its channel'
    USING ERRCODE = 'feature_not_supported', HINT = 'Post it again where it belongs, and delete this one.';
END
$$;

-- @partition message by country
  id NOT NULL,
  country NOT NULL,
  sent_at NOT NULL,
  seq NOT NULL,
  change_seq NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY (channel_id, country) REFERENCES channel_${region} (id, country) ON UPDATE CASCADE

-- @partition message_revision by country
  PRIMARY KEY (message_id, change_seq),
  FOREIGN KEY (message_id) REFERENCES message_${region} (id) ON DELETE CASCADE

-- @partition reaction by country
  PRIMARY KEY (message_id, profile_id, emoji),
  FOREIGN KEY (message_id) REFERENCES message_${region} (id) ON DELETE CASCADE

-- @region
GRANT SELECT, INSERT, UPDATE, DELETE ON message_${region}, message_revision_${region}, reaction_${region}
  TO meridian_service, meridian_adhoc;
CREATE UNIQUE INDEX IF NOT EXISTS message_${region}_seq ON message_${region} (channel_id, seq)${placed};
CREATE UNIQUE INDEX IF NOT EXISTS message_${region}_change ON message_${region} (channel_id, change_seq)${placed};
CREATE UNIQUE INDEX IF NOT EXISTS message_${region}_client ON message_${region}
  (channel_id, sender_id, client_msg_id)${placed} WHERE client_msg_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_${region}_thread ON message_${region} (thread_root_id, seq)${placed}
  WHERE thread_root_id IS NOT NULL;

-- A plain INSERT gets its place, its number and its time here, on the node where the channel rests. The services number
-- whole batches themselves and don't pass through.
CREATE OR REPLACE FUNCTION meridian.number_message_${region}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  numbered_at timestamptz;
BEGIN
  NEW.country := meridian.country_name(NEW.country, '${region}');
  -- A repeat takes no number: it will be refused by a unique index, or left out by ON CONFLICT DO NOTHING, which would
  -- not take the number back. The channel is locked before the look, for the first one may be under way.
  IF NEW.id IS NOT NULL OR NEW.client_msg_id IS NOT NULL THEN
    PERFORM FROM public.channel_${region} WHERE id = NEW.channel_id AND country = NEW.country FOR NO KEY UPDATE;
    PERFORM FROM public.message_${region}
      WHERE id = NEW.id OR (channel_id = NEW.channel_id AND sender_id = NEW.sender_id AND client_msg_id = NEW.client_msg_id);
    IF FOUND THEN
      NEW.id := coalesce(NEW.id, meridian.next_id(${region_number}));
      NEW.sent_at := coalesce(NEW.sent_at, clock_timestamp());
      NEW.seq := 0;
      NEW.change_seq := 0;
      RETURN NEW;
    END IF;
  END IF;
  UPDATE public.channel_${region}
     SET last_seq = last_seq + 1,
         change_seq = change_seq + 1,
         -- Never equal, never back: the order of sent_at is the order of seq.
         last_message_at = greatest(clock_timestamp(), last_message_at + interval '1 microsecond')
   WHERE id = NEW.channel_id AND country = NEW.country
  RETURNING last_seq, change_seq, last_message_at INTO NEW.seq, NEW.change_seq, numbered_at;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no channel % in %', NEW.channel_id, NEW.country
      USING ERRCODE = 'foreign_key_violation', HINT = 'A message carries the country of its channel.';
  END IF;
  NEW.id := coalesce(NEW.id, meridian.next_id(${region_number}));
  NEW.sent_at := coalesce(NEW.sent_at, numbered_at);
  RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER number BEFORE INSERT ON message_${region}
  FOR EACH ROW WHEN (NEW.seq IS NULL OR current_user = 'meridian_adhoc')
  EXECUTE FUNCTION meridian.number_message_${region}();

-- Numbers that a person chose would stop the channel for everybody. (Triggers fire in the order of their names: this one
-- sees what was asked for, before `change` gives its own number.)
CREATE OR REPLACE TRIGGER assigned BEFORE UPDATE ON message_${region}
  FOR EACH ROW WHEN (current_user = 'meridian_adhoc' AND (NEW.seq, NEW.change_seq, NEW.channel_id)
                     IS DISTINCT FROM (OLD.seq, OLD.change_seq, OLD.channel_id))
  EXECUTE FUNCTION meridian.refuse_renumbering();

-- A plain UPDATE is an edit, a plain DELETE leaves a tombstone: both move the channel's change_seq, so that readers learn
-- of them, and neither tears a hole into seq.
CREATE OR REPLACE FUNCTION meridian.change_message_${region}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE public.channel_${region} SET change_seq = change_seq + 1 WHERE id = NEW.channel_id
  RETURNING change_seq INTO NEW.change_seq;
  IF NEW.message IS DISTINCT FROM OLD.message AND NEW.deleted_at IS NULL THEN
    NEW.edited_at := clock_timestamp();
    INSERT INTO public.message_revision_${region} (message_id, change_seq, message, country, replaced_at)
    VALUES (OLD.id, OLD.change_seq, OLD.message, OLD.country, NEW.edited_at);
  END IF;
  RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER change BEFORE UPDATE OF message, deleted_at ON message_${region}
  FOR EACH ROW WHEN (NEW.change_seq = OLD.change_seq) EXECUTE FUNCTION meridian.change_message_${region}();

CREATE OR REPLACE FUNCTION meridian.bury_message_${region}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM public.message_revision_${region} WHERE message_id = OLD.id;
  DELETE FROM public.reaction_${region} WHERE message_id = OLD.id;
  UPDATE public.message_${region} SET message = '', deleted_at = clock_timestamp() WHERE id = OLD.id;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER bury BEFORE DELETE ON message_${region}
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL) EXECUTE FUNCTION meridian.bury_message_${region}();
