CREATE TABLE IF NOT EXISTS ${table}_unplaced PARTITION OF ${table} DEFAULT;
CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON ${table}_unplaced
  FOR EACH ROW EXECUTE FUNCTION meridian.refuse_row('${column}');
