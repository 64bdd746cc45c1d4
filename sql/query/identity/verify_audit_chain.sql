-- The number of a region's first audit entry that was altered or is missing, null for none; and the newest number and
-- hash, for whoever keeps them elsewhere.
SELECT identity.verify_audit_chain_${region}(), number, hash FROM identity.audit_head_${region}
