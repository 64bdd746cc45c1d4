-- How far this node has come: its name, the place in the primary's log up to which its answers hold everything (a
-- replica's next statement sees at least that), and how old they may be at most, in milliseconds. A replica that has
-- replayed all that it received, and has heard from the primary within the last 2.5 seconds, is not old.
CREATE OR REPLACE VIEW meridian.reminder_position AS
  SELECT current_setting('cluster_name') AS node,
         (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END
          - '0/0'::pg_lsn)::bigint AS position,
         CASE WHEN NOT pg_is_in_recovery() THEN 0
              WHEN pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn()
                   AND b.beat_at > clock_timestamp() - interval '2500 milliseconds' THEN 0
              ELSE greatest(0, extract(epoch FROM clock_timestamp() - b.beat_at) * 1000)::bigint
         END AS staleness_ms
    FROM meridian.reminder_beat b;
GRANT SELECT ON meridian.reminder_position TO meridian_service;
