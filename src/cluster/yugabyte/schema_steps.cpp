#include "cluster/yugabyte/schema_steps.hpp"

#include <fmt/core.h>

#include "cluster/migration.hpp"
#include "cluster/state.hpp"
#include "pg/quote.hpp"

namespace meridian::cluster::yugabyte {
namespace {

constexpr std::string_view server_check = R"(DO $$
BEGIN
  IF version() NOT LIKE '%-YB-%' OR current_setting('server_version_num')::int < 150000 THEN
    RAISE EXCEPTION 'this is %', version() USING HINT = 'Meridian needs YugabyteDB v2025.1 or later.';
  END IF;
  IF yb_get_effective_transaction_isolation_level() <> 'read committed' THEN
    RAISE EXCEPTION 'READ COMMITTED runs as %', yb_get_effective_transaction_isolation_level()
      USING HINT = 'Start every yb-tserver with yb_enable_read_committed_isolation=true.';
  END IF;
END
$$;)";

// {0} is the step's name, {1} its checksum, as literals, {2} the step, {3} its record.
constexpr std::string_view migration_frame = R"(SET ROLE meridian_owner;
SET search_path = public;
DO $$
BEGIN
  IF EXISTS (SELECT FROM meridian.migration WHERE name = {0} AND checksum <> {1}) THEN
    RAISE EXCEPTION 'the step % was altered after it had been applied', {0}
      USING HINT = 'Restore the file under sql/schema (or the country map, the regions); a change is a new step.';
  END IF;
END
$$;
SELECT NOT EXISTS (SELECT FROM meridian.migration WHERE name = {0}) AS is_new \gset
\if :is_new
{2}
DO $$
DECLARE
  unfinished text;
BEGIN
  SELECT string_agg(indexrelid::regclass::text, ', ') INTO unfinished FROM pg_index WHERE NOT indisvalid;
  IF unfinished IS NOT NULL THEN
    RAISE EXCEPTION 'an earlier run was interrupted while it built %', unfinished
      USING HINT = 'DROP INDEX it, then run this step again.';
  END IF;
END
$$;
{3}
\endif)";

// {0} is an array of regions.
constexpr std::string_view placement_check = R"(DO $$
DECLARE
  stray text;
BEGIN
  -- A primary key has no place of its own: in YugabyteDB it is the table.
  SELECT string_agg(c.oid::regclass || ' in ' || coalesce(t.spcname, 'the default placement'), ', ') INTO stray
    FROM unnest(ARRAY[{0}]) AS region
    JOIN pg_inherits i ON true
    JOIN pg_class whole ON whole.oid = i.inhparent
    JOIN pg_class leaf ON leaf.oid = i.inhrelid AND leaf.relkind = 'r' AND leaf.relname = whole.relname || '_' || region
    JOIN LATERAL (
      SELECT leaf.oid UNION ALL SELECT indexrelid FROM pg_index WHERE indrelid = leaf.oid AND NOT indisprimary
    ) AS part ON true
    JOIN pg_class c ON c.oid = part.oid
    LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
   WHERE t.spcname IS DISTINCT FROM region || '_tablespace';
  IF stray IS NOT NULL THEN
    RAISE EXCEPTION 'outside of its region: %', stray;
  END IF;
END
$$;)";

}  // namespace

std::string check_server_script() {
  return std::string(server_check);
}

std::string roles_script() {
  auto script = std::string(sql_text("roles.sql"));
  script +=
      "\\getenv service_password MERIDIAN_SERVICE_PASSWORD\n"
      "\\getenv adhoc_password MERIDIAN_ADHOC_PASSWORD\n"
      "ALTER ROLE meridian_service PASSWORD :'service_password';\n"
      "ALTER ROLE meridian_adhoc PASSWORD :'adhoc_password';\n";
  return script + fmt::format(
                      "SELECT 'CREATE DATABASE {0} OWNER meridian_owner'\n"
                      " WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{0}') \\gexec",
                      database_name
                  );
}

std::string tablespace_script(const std::string& name, const std::string& statement) {
  return fmt::format(
      "SELECT $${}$$\n WHERE NOT EXISTS (SELECT FROM pg_tablespace WHERE spcname = {}) \\gexec", statement,
      pg::literal(name)
  );
}

std::string migration_script(const migration& step) {
  return fmt::format(
      migration_frame, pg::literal(step.name), pg::literal(checksum_of(step)), step.sql, record_of(step)
  );
}

std::string records_script() {
  return std::string(migration_table());
}

std::string identity_script(const topology::deployment& part) {
  return fmt::format(
      "INSERT INTO meridian.universe (id, deployment) SELECT gen_random_uuid(), {}\n"
      " WHERE NOT EXISTS (SELECT FROM meridian.universe);",
      pg::literal(part.name)
  );
}

std::string check_placement_script(const topology::topology& world) {
  std::vector<std::string> names;
  names.reserve(world.regions.size());
  for (const auto& region : world.regions) {
    names.push_back(region.name);
  }
  return fmt::format(placement_check, pg::literals(names));
}

}  // namespace meridian::cluster::yugabyte
