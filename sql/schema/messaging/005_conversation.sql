-- What a timeline shows beside the messages, counted where it changes, and who was mentioned.

ALTER TABLE message ADD COLUMN IF NOT EXISTS reply_count int NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN IF NOT EXISTS reaction_count int NOT NULL DEFAULT 0;

-- One row for each person that a message calls; profile 0 stands for everybody in the channel. Unread mentions are those
-- behind the person's read cursor.
CREATE TABLE IF NOT EXISTS mention (
  channel_id bigint NOT NULL,
  profile_id bigint NOT NULL,
  seq bigint NOT NULL,
  country text NOT NULL
) PARTITION BY LIST (country);
GRANT SELECT, INSERT, UPDATE, DELETE ON mention TO meridian_service;
GRANT SELECT ON mention TO meridian_adhoc;

-- @partition mention by country
  PRIMARY KEY (channel_id, profile_id, seq),
  FOREIGN KEY (channel_id, country) REFERENCES channel_${region} (id, country) ON DELETE CASCADE ON UPDATE CASCADE

-- @region
GRANT SELECT, INSERT, UPDATE, DELETE ON mention_${region} TO meridian_service;
GRANT SELECT ON mention_${region} TO meridian_adhoc;
