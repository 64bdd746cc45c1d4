-- Counts a wrong password: $1 profile_id, $2 how many in a row lock the account. The lock lasts a minute, twice as long at
-- each further failure, at most 15 minutes. Attempts while it is locked don't count.
WITH failed AS (
  UPDATE identity.account_${region}
     SET failed_attempts = failed_attempts + 1,
         locked_until = CASE WHEN failed_attempts + 1 >= $2::int THEN
           clock_timestamp()
           + least(interval '15 minutes', interval '1 minute' * power(2, least(failed_attempts + 1 - $2::int, 10)))
         END
   WHERE profile_id = $1::bigint AND (locked_until IS NULL OR locked_until <= clock_timestamp())
  RETURNING profile_id, failed_attempts, locked_until
)
INSERT INTO identity.audit_entry_${region} (action, subject, details)
SELECT 'sign-in failed', 'profile:' || profile_id, jsonb_build_object('failed_attempts', failed_attempts) FROM failed
UNION ALL
SELECT 'account locked', 'profile:' || profile_id, jsonb_build_object('until', locked_until)
  FROM failed WHERE locked_until IS NOT NULL
