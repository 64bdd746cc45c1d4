-- The names of time zones that people may choose.
SELECT name FROM pg_timezone_names WHERE name NOT LIKE 'posix/%' AND name NOT IN ('Factory', 'localtime', 'posixrules')
