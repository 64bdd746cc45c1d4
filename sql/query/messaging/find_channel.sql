SELECT 1 FROM channel_${region} WHERE id = $1
