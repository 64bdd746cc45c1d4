-- Channels, direct ones too, who is in them, and how far each person has read.

CREATE TABLE IF NOT EXISTS channel (
  id bigint,
  name text NOT NULL DEFAULT '' CHECK (length(name) <= 80),
  workspace_id bigint NOT NULL,
  is_direct boolean NOT NULL DEFAULT false,
  direct_profile1_id bigint,
  direct_profile2_id bigint,
  country text,
  is_private boolean NOT NULL DEFAULT false,
  topic text NOT NULL DEFAULT '' CHECK (length(topic) <= 1000),
  last_seq bigint NOT NULL DEFAULT 0,    -- the newest message's seq: messages are numbered without a gap
  change_seq bigint NOT NULL DEFAULT 0,  -- moves with every post, edit, delete, reaction and pin
  last_message_at timestamptz NOT NULL DEFAULT '-infinity',
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz,
  archived_at timestamptz
) PARTITION BY LIST (country);

CREATE TABLE IF NOT EXISTS channel_member (
  channel_id bigint NOT NULL,
  profile_id bigint NOT NULL,
  country text,
  joined_at timestamptz
) PARTITION BY LIST (country);

CREATE TABLE IF NOT EXISTS read_cursor (
  channel_id bigint NOT NULL,
  profile_id bigint NOT NULL,
  country text,
  read_seq bigint NOT NULL DEFAULT 0,  -- unread = the channel's last_seq - read_seq
  read_at timestamptz
) PARTITION BY LIST (country);

GRANT SELECT, INSERT, UPDATE, DELETE ON channel, channel_member, read_cursor TO meridian_service, meridian_adhoc;

CREATE OR REPLACE FUNCTION meridian.complete_channel() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.country := meridian.country_name(NEW.country, CASE TG_OP WHEN 'INSERT' THEN TG_ARGV[0] END);
  NEW.id := coalesce(NEW.id, meridian.next_id(TG_ARGV[1]::int));
  NEW.created_at := coalesce(NEW.created_at, clock_timestamp());
  RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION meridian.complete_channel_member() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.country := meridian.country_name(NEW.country, CASE TG_OP WHEN 'INSERT' THEN TG_ARGV[0] END);
  NEW.joined_at := coalesce(NEW.joined_at, clock_timestamp());
  RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION meridian.complete_read_cursor() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.country := meridian.country_name(NEW.country, CASE TG_OP WHEN 'INSERT' THEN TG_ARGV[0] END);
  NEW.read_at := coalesce(NEW.read_at, clock_timestamp());
  RETURN NEW;
END
$$;

-- @partition channel by country
  id NOT NULL,
  country NOT NULL,
  created_at NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY (workspace_id, country) REFERENCES workspace_${region} (id, country) ON UPDATE CASCADE

-- @region
CREATE UNIQUE INDEX IF NOT EXISTS channel_${region}_place ON channel_${region} (id, country)${placed};
CREATE UNIQUE INDEX IF NOT EXISTS channel_${region}_name ON channel_${region} (workspace_id, lower(name))${placed}
  WHERE NOT is_direct;
CREATE UNIQUE INDEX IF NOT EXISTS channel_${region}_direct ON channel_${region}
  (workspace_id, least(direct_profile1_id, direct_profile2_id), greatest(direct_profile1_id, direct_profile2_id))${placed}
  WHERE is_direct AND direct_profile1_id IS NOT NULL AND direct_profile2_id IS NOT NULL;
CREATE OR REPLACE TRIGGER complete BEFORE INSERT OR UPDATE OF country ON channel_${region}
  FOR EACH ROW EXECUTE FUNCTION meridian.complete_channel('${region}', '${region_number}');

-- @partition channel_member by country
  country NOT NULL,
  joined_at NOT NULL,
  PRIMARY KEY (channel_id, profile_id),
  FOREIGN KEY (channel_id, country) REFERENCES channel_${region} (id, country) ON DELETE CASCADE ON UPDATE CASCADE

-- @partition read_cursor by country
  country NOT NULL,
  read_at NOT NULL,
  PRIMARY KEY (channel_id, profile_id),
  FOREIGN KEY (channel_id, country) REFERENCES channel_${region} (id, country) ON DELETE CASCADE ON UPDATE CASCADE

-- @region
GRANT SELECT, INSERT, UPDATE, DELETE ON channel_${region}, channel_member_${region}, read_cursor_${region}
  TO meridian_service, meridian_adhoc;
CREATE INDEX IF NOT EXISTS channel_member_${region}_profile ON channel_member_${region} (profile_id)${placed};
CREATE INDEX IF NOT EXISTS read_cursor_${region}_profile ON read_cursor_${region} (profile_id)${placed};
CREATE OR REPLACE TRIGGER complete BEFORE INSERT OR UPDATE OF country ON channel_member_${region}
  FOR EACH ROW EXECUTE FUNCTION meridian.complete_channel_member('${region}');
CREATE OR REPLACE TRIGGER complete BEFORE INSERT OR UPDATE OF country ON read_cursor_${region}
  FOR EACH ROW EXECUTE FUNCTION meridian.complete_read_cursor('${region}');
