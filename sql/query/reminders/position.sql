-- How far this node has come: its name, the place up to which its answers hold everything, and how old they may be at
-- most, in milliseconds. Each engine has its own way to tell: sql/placement/.
SELECT node, position, staleness_ms FROM meridian.reminder_position
