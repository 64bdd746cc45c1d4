-- Workspaces and who belongs to them. Rows rest in the region of the workspace's country.

CREATE TABLE IF NOT EXISTS workspace (
  id bigint,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  url text NOT NULL CHECK (length(url) BETWEEN 1 AND 500),
  country text,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz
) PARTITION BY LIST (country);

CREATE TABLE IF NOT EXISTS workspaceprofile (
  workspace_id bigint NOT NULL,
  profile_id bigint NOT NULL,  -- may rest in any region, so it is no foreign key
  workspace_country text,
  role text NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'admin', 'member', 'guest')),
  joined_at timestamptz
) PARTITION BY LIST (workspace_country);

GRANT SELECT, INSERT, UPDATE, DELETE ON workspace, workspaceprofile TO meridian_service, meridian_adhoc;

CREATE OR REPLACE FUNCTION meridian.complete_workspace() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.country := meridian.country_name(NEW.country, CASE TG_OP WHEN 'INSERT' THEN TG_ARGV[0] END);
  NEW.id := coalesce(NEW.id, meridian.next_id(TG_ARGV[1]::int));
  NEW.created_at := coalesce(NEW.created_at, clock_timestamp());
  RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION meridian.complete_workspaceprofile() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.workspace_country := meridian.country_name(NEW.workspace_country, CASE TG_OP WHEN 'INSERT' THEN TG_ARGV[0] END);
  NEW.joined_at := coalesce(NEW.joined_at, clock_timestamp());
  RETURN NEW;
END
$$;

-- @partition workspace by country
  id NOT NULL,
  country NOT NULL,
  created_at NOT NULL,
  PRIMARY KEY (id)

-- @region
CREATE UNIQUE INDEX IF NOT EXISTS workspace_${region}_place ON workspace_${region} (id, country)${placed};
CREATE UNIQUE INDEX IF NOT EXISTS workspace_${region}_url ON workspace_${region} (lower(url))${placed};
CREATE OR REPLACE TRIGGER complete BEFORE INSERT OR UPDATE OF country ON workspace_${region}
  FOR EACH ROW EXECUTE FUNCTION meridian.complete_workspace('${region}', '${region_number}');

-- The second column makes a member's country the workspace's own.
-- @partition workspaceprofile by workspace_country
  workspace_country NOT NULL,
  joined_at NOT NULL,
  PRIMARY KEY (workspace_id, profile_id),
  FOREIGN KEY (workspace_id, workspace_country) REFERENCES workspace_${region} (id, country)
    ON DELETE CASCADE ON UPDATE CASCADE

-- @region
GRANT SELECT, INSERT, UPDATE, DELETE ON workspace_${region}, workspaceprofile_${region} TO meridian_service, meridian_adhoc;
CREATE INDEX IF NOT EXISTS workspaceprofile_${region}_profile ON workspaceprofile_${region} (profile_id)${placed};
CREATE OR REPLACE TRIGGER complete BEFORE INSERT OR UPDATE OF workspace_country ON workspaceprofile_${region}
  FOR EACH ROW EXECUTE FUNCTION meridian.complete_workspaceprofile('${region}');
