-- Whether profile $1 owns or administers a workspace of this region.
SELECT 1 FROM workspaceprofile_${region} WHERE profile_id = $1::bigint AND role IN ('owner', 'admin') LIMIT 1
