       -- Profile p as person_of reads it.
       p.id, p.full_name, p.email, p.phone, p.title, p.time_zone, p.country, p.main_profile_id, p.version, p.created_at,
       p.deactivated_at
