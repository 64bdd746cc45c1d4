-- Where list_changes goes on next time, and the cluster's clock.
SELECT meridian.status_horizon(), clock_timestamp()
