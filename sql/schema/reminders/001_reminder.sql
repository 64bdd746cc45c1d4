-- Reminders. One primary takes the writes, its replicas answer the readers near them.

CREATE TABLE IF NOT EXISTS reminder (
  id bigint PRIMARY KEY DEFAULT meridian.next_id(),
  profile_id bigint NOT NULL,
  message_id bigint,
  notify_at timestamptz NOT NULL,
  text text NOT NULL DEFAULT '' CHECK (length(text) <= 2000),
  state text NOT NULL DEFAULT 'scheduled' CHECK (state IN ('scheduled', 'delivered', 'completed')),
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON reminder TO meridian_service, meridian_adhoc;

-- ASC is the default in PostgreSQL; YugabyteDB would hash the first column, and "what is due" is a range.
CREATE INDEX IF NOT EXISTS reminder_due ON reminder (notify_at ASC) WHERE state = 'scheduled';
CREATE INDEX IF NOT EXISTS reminder_profile ON reminder (profile_id, notify_at);
