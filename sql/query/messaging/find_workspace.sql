SELECT 1 FROM workspace_${region} WHERE id = $1
