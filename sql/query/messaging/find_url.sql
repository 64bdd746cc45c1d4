-- Who has the URL $1, in lower case and without a slash at its end: the workspace, who made it, and by which request.
SELECT w.id, w.created_by, w.creation_key
  FROM workspace_${region} w
 WHERE lower(w.url) IN ($1::text, $1::text || '/')
