-- Every insert looks its country up. Here the map is one table for all regions, so each region gets a copy of what the
-- lookup reads, as a covering index that rests there: no insert asks another continent.

-- @region
CREATE INDEX IF NOT EXISTS country_copy_${region} ON meridian.country (accepted) INCLUDE (name, region)${placed};
