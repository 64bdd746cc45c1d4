CREATE FOREIGN TABLE IF NOT EXISTS ${leaf} PARTITION OF ${table} ${bounds}
  SERVER ${region} OPTIONS (schema_name '${schema}', table_name '${leaf_name}');
GRANT SELECT, INSERT, UPDATE, DELETE ON ${leaf} TO ${readers};
