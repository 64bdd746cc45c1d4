-- The digest under which profile $1 signs in.
SELECT email_digest FROM identity.account_${region} WHERE profile_id = $1::bigint
