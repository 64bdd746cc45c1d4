-- Writes down the primary's time, once a second whoever else does. Answers the node's name, '' where the engine
-- has no say in that.
WITH beaten AS (
  UPDATE meridian.reminder_beat
     SET beat_at = clock_timestamp()
   WHERE id = 1 AND beat_at < clock_timestamp() - interval '900 milliseconds'
)
SELECT node FROM meridian.reminder_position
