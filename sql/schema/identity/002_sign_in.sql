-- Sign-in by e-mail address without the address leaving its region, and the audit log's hash chain.
--
-- The contract of the audit log. Whoever changes something that matters adds an entry in the same statement, where the
-- thing rests:
--
--   WITH changed AS (UPDATE ... RETURNING id)
--   INSERT INTO identity.audit_entry_REGION (actor_id, action, subject, details)
--   SELECT $1, 'channel archived', 'channel:' || id, jsonb_build_object(...) FROM changed
--
-- actor_id is the profile that did it (null: nobody who is known), action a few words in the past, subject KIND:ID,
-- details what else is to be known: ids, counts and names of fields, never content, addresses or secrets. The rest is
-- filled in here. Each entry locks the chain's head until its transaction is over, so it comes last in the statement:
-- select from the part that changed the row.

ALTER TABLE identity.account ADD COLUMN IF NOT EXISTS email_digest bytea CHECK (length(email_digest) = 32);
-- Of the request that made the account, so that its repeat gets the same answer.
ALTER TABLE identity.account ADD COLUMN IF NOT EXISTS creation_key text CHECK (length(creation_key) <= 100);

-- The newest entry of each chain. Whoever takes entries away at the end of a chain must change this too.
CREATE TABLE IF NOT EXISTS identity.audit_head (
  region text NOT NULL,
  number bigint NOT NULL CHECK (number >= 0),
  hash bytea NOT NULL CHECK (length(hash) = 32)
) PARTITION BY LIST (region);
GRANT SELECT ON identity.audit_head TO meridian_service;

-- Over a text from which every field can be read back, so that two entries never have the same.
CREATE OR REPLACE FUNCTION identity.audit_hash(
  region text, number bigint, at timestamptz, actor_id bigint, action text, subject text, details jsonb,
  previous_hash bytea
) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(region, number, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor_id, action,
                      subject, details, encode(previous_hash, 'hex'))::text, 'UTF8'))
$$;

CREATE OR REPLACE FUNCTION identity.refuse_audit_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is not changed' USING ERRCODE = 'insufficient_privilege';
END
$$;

-- @partition identity.audit_head by region
  PRIMARY KEY (region)

-- @region
GRANT SELECT ON identity.audit_head_${region} TO meridian_service;
CREATE UNIQUE INDEX IF NOT EXISTS account_${region}_email ON identity.account_${region} (email_digest)${placed};
INSERT INTO identity.audit_head_${region} (region, number, hash)
  VALUES ('${region}', 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION identity.chain_audit_entry_${region}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.region := '${region}';
  NEW.details := coalesce(NEW.details, '{}');
  SELECT number + 1, hash INTO STRICT NEW.number, NEW.previous_hash
    FROM identity.audit_head_${region} WHERE region = '${region}' FOR NO KEY UPDATE;
  -- After the lock: the order of times is the order of numbers.
  NEW.at := clock_timestamp();
  NEW.hash := identity.audit_hash(NEW.region, NEW.number, NEW.at, NEW.actor_id, NEW.action, NEW.subject, NEW.details,
                                  NEW.previous_hash);
  UPDATE identity.audit_head_${region} SET number = NEW.number, hash = NEW.hash WHERE region = '${region}';
  RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER chain BEFORE INSERT ON identity.audit_entry_${region}
  FOR EACH ROW EXECUTE FUNCTION identity.chain_audit_entry_${region}();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON identity.audit_entry_${region}
  FOR EACH ROW EXECUTE FUNCTION identity.refuse_audit_change();
CREATE OR REPLACE TRIGGER refuse_truncation BEFORE TRUNCATE ON identity.audit_entry_${region}
  FOR EACH STATEMENT EXECUTE FUNCTION identity.refuse_audit_change();

-- The number of the first entry that is missing, was altered, or does not follow the one before it; null when the chain
-- is whole.
CREATE OR REPLACE FUNCTION identity.verify_audit_chain_${region}() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  WITH chain AS (
    SELECT e.number, e.hash,
           row_number() OVER (ORDER BY e.number) AS expected_number,
           coalesce(lag(e.hash) OVER (ORDER BY e.number), decode(repeat('00', 32), 'hex')) AS expected_previous,
           e.previous_hash,
           identity.audit_hash(e.region, e.number, e.at, e.actor_id, e.action, e.subject, e.details, e.previous_hash)
             AS expected_hash
      FROM identity.audit_entry_${region} e
  ), newest AS (
    SELECT number, hash FROM chain ORDER BY number DESC LIMIT 1
  )
  SELECT coalesce(
    (SELECT min(least(number, expected_number)) FROM chain
      WHERE number <> expected_number OR previous_hash <> expected_previous OR hash <> expected_hash),
    (SELECT least(h.number, coalesce(n.number + 1, 1))
       FROM identity.audit_head_${region} h LEFT JOIN newest n ON true
      WHERE h.number <> coalesce(n.number, 0) OR h.hash <> coalesce(n.hash, h.hash)))
$$;
