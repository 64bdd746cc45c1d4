-- Whether the node answers.
SELECT 1
