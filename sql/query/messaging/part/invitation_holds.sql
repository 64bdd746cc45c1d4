       -- Whether whoever made invitation i still may.
       EXISTS (SELECT FROM workspaceprofile_${region} k
                WHERE k.workspace_id = i.workspace_id AND k.profile_id = i.created_by
                  AND meridian.role_rank(k.role) >= greatest(meridian.role_rank('admin'), meridian.role_rank(i.role)))
