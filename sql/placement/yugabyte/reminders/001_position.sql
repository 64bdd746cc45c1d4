-- There is no place in a log to wait for, so every read asks the leaders: their answers hold all that was acknowledged and
-- are not old. Which node that is nobody needs to know.
CREATE OR REPLACE VIEW meridian.reminder_position AS
  SELECT ''::text AS node, 0::bigint AS position, 0::bigint AS staleness_ms;
GRANT SELECT ON meridian.reminder_position TO meridian_service;
