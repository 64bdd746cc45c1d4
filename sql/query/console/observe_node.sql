-- What a node says of itself, one row for each replication slot that it keeps, or one without.
SELECT n.is_replica, n.at - '0/0'::pg_lsn AS position, n.replay_age, n.is_paused, s.slot_name, s.active,
       n.at - coalesce(s.confirmed_flush_lsn, s.restart_lsn) AS behind
  FROM (SELECT r.is_replica,
               CASE WHEN r.is_replica THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS at,
               CASE WHEN r.is_replica THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END
                 AS replay_age,
               CASE WHEN r.is_replica THEN pg_is_wal_replay_paused() END AS is_paused
          FROM (SELECT pg_is_in_recovery() AS is_replica) r) n
  LEFT JOIN pg_replication_slots s ON NOT n.is_replica AND s.database IS NOT DISTINCT FROM
            CASE s.slot_type WHEN 'logical' THEN current_database() END
