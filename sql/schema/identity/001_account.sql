-- How people prove who they are. Rows rest with the person's profile; the ad-hoc role can't enter this schema.

CREATE SCHEMA IF NOT EXISTS identity;
GRANT USAGE ON SCHEMA identity TO meridian_service;

CREATE TABLE IF NOT EXISTS identity.account (
  profile_id bigint NOT NULL,
  country text NOT NULL,
  password_hash text NOT NULL,  -- argon2id, in its own encoding (PHC string)
  password_changed_at timestamptz NOT NULL,
  failed_attempts int NOT NULL DEFAULT 0 CHECK (failed_attempts >= 0),
  locked_until timestamptz,
  disabled_at timestamptz
) PARTITION BY LIST (country);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.account TO meridian_service;

CREATE TABLE IF NOT EXISTS identity.session (
  token_hash bytea NOT NULL CHECK (length(token_hash) = 32),  -- SHA-256: the token itself is never stored
  profile_id bigint NOT NULL,
  country text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
) PARTITION BY LIST (country);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.session TO meridian_service;

-- What is unique over all regions (an e-mail address, a workspace URL). A keyed hash stands for the value, so a claim
-- can rest in any region: it tells nothing about a person.
CREATE TABLE IF NOT EXISTS identity.claim (
  kind text NOT NULL CHECK (kind IN ('email', 'workspace_url')),
  digest bytea NOT NULL CHECK (length(digest) = 32),
  holder_id bigint NOT NULL,
  claimed_at timestamptz NOT NULL
) PARTITION BY HASH (digest);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.claim TO meridian_service;

-- Who did what, one hash chain a region: each entry holds the hash of the one before it.
CREATE TABLE IF NOT EXISTS identity.audit_entry (
  region text NOT NULL,
  number bigint NOT NULL CHECK (number > 0),
  at timestamptz NOT NULL,
  actor_id bigint,
  action text NOT NULL,
  subject text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}',
  previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
  hash bytea NOT NULL CHECK (length(hash) = 32)
) PARTITION BY LIST (region);
GRANT SELECT, INSERT ON identity.audit_entry TO meridian_service;

-- @partition identity.account by country
  PRIMARY KEY (profile_id),
  FOREIGN KEY (profile_id) REFERENCES profile_${region} (id) ON DELETE CASCADE

-- @partition identity.session by country
  PRIMARY KEY (token_hash),
  FOREIGN KEY (profile_id) REFERENCES profile_${region} (id) ON DELETE CASCADE

-- The digest leads because YugabyteDB spreads rows by the first column of the key, and there are two kinds.
-- @partition identity.claim by hash
  PRIMARY KEY (digest, kind)

-- @partition identity.audit_entry by region
  PRIMARY KEY (number)

-- @region
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.account_${region}, identity.session_${region}, identity.claim_${region}
  TO meridian_service;
GRANT SELECT, INSERT ON identity.audit_entry_${region} TO meridian_service;
CREATE INDEX IF NOT EXISTS session_${region}_profile ON identity.session_${region} (profile_id)${placed};
CREATE INDEX IF NOT EXISTS claim_${region}_holder ON identity.claim_${region} (holder_id)${placed};
