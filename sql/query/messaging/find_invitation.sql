SELECT 1 FROM identity.invitation_${region} WHERE id = $1
