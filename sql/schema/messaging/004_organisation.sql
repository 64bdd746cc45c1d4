-- Who made what, direct channels of any number of people, and invitations.

ALTER TABLE workspace ADD COLUMN IF NOT EXISTS created_by bigint;
ALTER TABLE workspace ADD COLUMN IF NOT EXISTS creation_key text CHECK (length(creation_key) <= 100);

ALTER TABLE channel ADD COLUMN IF NOT EXISTS created_by bigint;
ALTER TABLE channel ADD COLUMN IF NOT EXISTS creation_key text CHECK (length(creation_key) <= 100);
ALTER TABLE channel ADD COLUMN IF NOT EXISTS archived_by bigint;
-- Whoever joins the workspace joins it too.
ALTER TABLE channel ADD COLUMN IF NOT EXISTS is_default boolean NOT NULL DEFAULT false;
-- The ids of a direct channel's people, ascending, with commas between: "3,17,204".
ALTER TABLE channel ADD COLUMN IF NOT EXISTS direct_key text CHECK (length(direct_key) <= 500);

-- Links by which people join a workspace. They let in whoever holds one, so they rest where the ad-hoc role can't enter.
CREATE TABLE IF NOT EXISTS identity.invitation (
  id bigint,
  token_hash bytea NOT NULL CHECK (length(token_hash) = 32),  -- SHA-256: the token itself is never stored
  workspace_id bigint NOT NULL,
  country text NOT NULL,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'guest')),
  created_by bigint NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  uses_max int NOT NULL CHECK (uses_max > 0),
  uses int NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND uses_max),
  revoked_at timestamptz
) PARTITION BY LIST (country);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.invitation TO meridian_service;

-- guest < member < admin < owner: each may do what those before it may.
CREATE OR REPLACE FUNCTION meridian.role_rank(role text) RETURNS int
LANGUAGE sql IMMUTABLE
AS $$ SELECT array_position(ARRAY['guest', 'member', 'admin', 'owner'], role) $$;

-- A direct channel of two that a person typed is found again like one that was opened.
CREATE OR REPLACE FUNCTION meridian.complete_channel() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.country := meridian.country_name(NEW.country, CASE TG_OP WHEN 'INSERT' THEN TG_ARGV[0] END);
  NEW.id := coalesce(NEW.id, meridian.next_id(TG_ARGV[1]::int));
  NEW.created_at := coalesce(NEW.created_at, clock_timestamp());
  IF NEW.is_direct AND NEW.direct_profile1_id IS NOT NULL AND NEW.direct_profile2_id IS NOT NULL THEN
    NEW.direct_key := concat_ws(',', least(NEW.direct_profile1_id, NEW.direct_profile2_id),
                                nullif(greatest(NEW.direct_profile1_id, NEW.direct_profile2_id),
                                       least(NEW.direct_profile1_id, NEW.direct_profile2_id)));
  END IF;
  RETURN NEW;
END
$$;

-- @partition identity.invitation by country
  id NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY (workspace_id, country) REFERENCES workspace_${region} (id, country) ON DELETE CASCADE ON UPDATE CASCADE

-- @region
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.invitation_${region} TO meridian_service;
CREATE UNIQUE INDEX IF NOT EXISTS invitation_${region}_token ON identity.invitation_${region} (token_hash)${placed};
CREATE INDEX IF NOT EXISTS invitation_${region}_workspace ON identity.invitation_${region} (workspace_id, id)${placed};

DO $$
BEGIN
  UPDATE public.channel_${region}
     SET direct_key = concat_ws(',', least(direct_profile1_id, direct_profile2_id),
                                nullif(greatest(direct_profile1_id, direct_profile2_id),
                                       least(direct_profile1_id, direct_profile2_id)))
   WHERE is_direct AND direct_key IS NULL AND direct_profile1_id IS NOT NULL AND direct_profile2_id IS NOT NULL;
END
$$;
CREATE UNIQUE INDEX IF NOT EXISTS channel_${region}_people ON channel_${region} (workspace_id, direct_key)${placed}
  WHERE direct_key IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS channel_${region}_creation ON channel_${region} (workspace_id, created_by, creation_key)${placed}
  WHERE creation_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS channel_${region}_workspace ON channel_${region} (workspace_id, id)${placed};
CREATE UNIQUE INDEX IF NOT EXISTS workspace_${region}_creation ON workspace_${region} (created_by, creation_key)${placed}
  WHERE creation_key IS NOT NULL;

-- The people of a direct channel that a person typed see it.
CREATE OR REPLACE FUNCTION meridian.open_direct_${region}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO public.channel_member_${region} (channel_id, profile_id, country)
  SELECT NEW.id, unnest(string_to_array(NEW.direct_key, ',')::bigint[]), NEW.country
  ON CONFLICT (channel_id, profile_id) DO NOTHING;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER direct AFTER INSERT ON channel_${region}
  FOR EACH ROW WHEN (NEW.direct_key IS NOT NULL) EXECUTE FUNCTION meridian.open_direct_${region}();

-- Who is out of the workspace is out of its channels. A trigger, because it sees what others committed while the DELETE
-- waited for the row: a statement would not, and would leave somebody in a channel that he was just added to. Before the
-- row goes and not after, so that the audit log's head is locked last.
CREATE OR REPLACE FUNCTION meridian.leave_channels_${region}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  WITH gone AS (
    DELETE FROM public.channel_member_${region} m
     USING public.channel_${region} c
     WHERE c.id = m.channel_id AND c.workspace_id = OLD.workspace_id AND m.profile_id = OLD.profile_id
    RETURNING m.channel_id
  )
  UPDATE public.channel_${region} c SET version = c.version + 1 FROM gone WHERE c.id = gone.channel_id;
  RETURN OLD;
END
$$;
CREATE OR REPLACE TRIGGER leave BEFORE DELETE ON workspaceprofile_${region}
  FOR EACH ROW EXECUTE FUNCTION meridian.leave_channels_${region}();
