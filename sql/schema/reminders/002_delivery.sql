-- What a reminder is about, whom it is for and how it comes back; what its delivery needs.
--
-- A reminder is scheduled until it is due, and due until its person has seen it (completed). One that recurs is a
-- series: it stays scheduled and leaves a due reminder of its own, an occurrence, each time. A deleted one stays for a
-- while without its text, so that a repeated request finds it.

ALTER TABLE reminder ADD COLUMN IF NOT EXISTS created_by bigint;         -- null: by the person himself
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS creation_key text;         -- the maker's own; a repeat is the same reminder
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS channel_id bigint;         -- goes into this channel, as the maker's message
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS message_channel_id bigint; -- where the message is, as it was then
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS message_region text;
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS time_zone text;            -- IANA's name; of the recurrence
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS recurrence text;           -- an RRULE (RFC 5545) without its name
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS recurs_from timestamptz;   -- its DTSTART: what the zone's clocks showed, as if in UTC
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS series_id bigint;          -- of an occurrence
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS occurs_at timestamptz;     -- which occurrence it is, also when snoozed
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS is_late boolean NOT NULL DEFAULT false;
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS due_at timestamptz;        -- when it was found to be due
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS completed_at timestamptz;

-- A scheduler works on it, or has announced it and not said so yet; until then nobody else does.
ALTER TABLE reminder ADD COLUMN IF NOT EXISTS lease_until timestamptz;

-- The states had other names.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'reminder_states' AND conrelid = 'reminder'::regclass) THEN
    ALTER TABLE reminder DROP CONSTRAINT IF EXISTS reminder_state_check;
    UPDATE reminder SET state = 'due' WHERE state = 'delivered';
    ALTER TABLE reminder ADD CONSTRAINT reminder_states CHECK (state IN ('scheduled', 'due', 'completed', 'deleted'));
  END IF;
END
$$;

-- What a scheduler has to look at next. (ASC: YugabyteDB would hash the first column.)
CREATE INDEX IF NOT EXISTS reminder_wake ON reminder ((greatest(notify_at, lease_until)) ASC)
  WHERE state = 'scheduled' OR lease_until IS NOT NULL;

-- Lists, and how many open ones somebody has made.
CREATE INDEX IF NOT EXISTS reminder_list ON reminder (profile_id, state, notify_at, id);
CREATE INDEX IF NOT EXISTS reminder_maker ON reminder (created_by, state, notify_at, id) WHERE created_by IS NOT NULL;

CREATE UNIQUE INDEX IF NOT EXISTS reminder_creation ON reminder (created_by, creation_key)
  WHERE creation_key IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS reminder_occurrence ON reminder (series_id, occurs_at) WHERE series_id IS NOT NULL;

-- The primary writes down the time about once a second, so that a replica knows how old it is.
CREATE TABLE IF NOT EXISTS meridian.reminder_beat (
  id int PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  beat_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, UPDATE ON meridian.reminder_beat TO meridian_service;
GRANT SELECT ON meridian.reminder_beat TO meridian_adhoc;
INSERT INTO meridian.reminder_beat (id) VALUES (1) ON CONFLICT DO NOTHING;

-- What may be forgotten.
CREATE INDEX IF NOT EXISTS reminder_deleted ON reminder (completed_at ASC) WHERE state = 'deleted';
