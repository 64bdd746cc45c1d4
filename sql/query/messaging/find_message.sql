SELECT 1 FROM message_${region} WHERE id = $1
