CREATE TABLE IF NOT EXISTS ${leaf} PARTITION OF ${table} (
${body}
) ${bounds};
