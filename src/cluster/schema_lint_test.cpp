// What the schema must keep to on every engine, whoever adds to it.

#include <algorithm>
#include <filesystem>
#include <regex>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "cluster/config_files.hpp"
#include "cluster/schema.hpp"
#include "cluster/sql_statements.hpp"
#include "runtime/file.hpp"

namespace meridian::cluster {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

// Every statement of every deployment of the yugabyte topology.
std::vector<std::string> all_statements(const topology::topology& world, dialect language) {
  std::vector<std::string> all;
  for (const auto& part : world.deployments) {
    for (const auto& node : part.nodes) {
      const auto steps = render_schema(world, part, node, language);
      for (const auto& step : steps.value()) {
        auto some = statements_of(step.sql);
        all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
      }
      if (language != dialect::postgres) {
        break;  // one universe, whichever node is asked
      }
    }
  }
  return all;
}

class schema_lint_test : public testing::Test {
 protected:
  // The region of a partition, by its name; "" for what is no partition of a region.
  std::string region_of(const std::string& table) const {
    for (const auto& region : world_.regions) {
      if (table.ends_with("_" + region.name)) {
        return region.name;
      }
    }
    return "";
  }

  std::string first_match(const std::string& text, const std::string& pattern) const {
    std::smatch found;
    return std::regex_search(text, found, std::regex(pattern)) ? found[1].str() : "";
  }

  topology::topology world_ = config_topology("geo.yugabyte.toml");
  std::vector<std::string> yugabyte_ = all_statements(world_, dialect::yugabyte);
  std::vector<std::string> postgres_ = all_statements(world_, dialect::postgres);
};

TEST_F(schema_lint_test, every_partition_rests_in_its_regions_tablespace) {
  int count = 0;
  for (const auto& statement : yugabyte_) {
    const auto leaf = first_match(statement, "^CREATE TABLE IF NOT EXISTS (\\S+) PARTITION OF ");
    if (leaf.empty() || leaf.ends_with("_unplaced")) {
      continue;  // which no row enters
    }
    ++count;
    EXPECT_THAT(statement, EndsWith(fmt::format(" TABLESPACE {}_tablespace", region_of(leaf)))) << leaf;
    // Its index could not be told apart from the table's place: write CREATE UNIQUE INDEX with ${placed}.
    EXPECT_EQ(statement.find("UNIQUE"), std::string::npos) << leaf;
  }
  EXPECT_GE(count, 3 * 11);
}

TEST_F(schema_lint_test, every_index_of_a_partition_rests_with_it) {
  int count = 0;
  for (const auto& statement : yugabyte_) {
    const auto table = first_match(statement, "^CREATE (?:UNIQUE )?INDEX IF NOT EXISTS \\S+ ON (\\S+) ");
    const auto name = first_match(statement, "^CREATE (?:UNIQUE )?INDEX IF NOT EXISTS (\\S+) ON ");
    if (table.empty()) {
      EXPECT_EQ(statement.find("CREATE INDEX"), std::string::npos) << "an index of another form: " << statement;
      continue;
    }
    const auto region = region_of(table).empty() ? region_of(name) : region_of(table);
    if (!region.empty()) {
      ++count;
      EXPECT_THAT(statement, HasSubstr(fmt::format(" TABLESPACE {}_tablespace", region)));
    }
  }
  EXPECT_GE(count, 3 * 15);
}

// An index on the whole would put its parts wherever the tablespace of the whole is: everywhere.
TEST_F(schema_lint_test, no_index_is_made_on_a_partitioned_table) {
  std::vector<std::string> whole;
  for (const auto& statement : yugabyte_) {
    if (auto name = first_match(statement, "^CREATE TABLE IF NOT EXISTS (\\S+) \\(.*\\) PARTITION BY ");
        !name.empty()) {
      whole.push_back(std::move(name));
    }
  }
  EXPECT_GE(whole.size(), 11u);
  for (const auto& statement : yugabyte_) {
    for (const auto& table : whole) {
      EXPECT_EQ(first_match(statement, "INDEX (?:IF NOT EXISTS )?\\S+ ON (" + table + ")[ (]"), "") << statement;
    }
  }
}

TEST_F(schema_lint_test, nothing_of_yugabyte_reaches_postgres) {
  for (const auto& statement : postgres_) {
    for (const std::string word :
         {"TABLESPACE", "replica_placement", "SPLIT INTO", "SPLIT AT", " HASH,", " HASH)", "yb_"}) {
      EXPECT_EQ(statement.find(word), std::string::npos) << word << " in " << statement;
    }
  }
}

// On YugabyteDB a step is not undone when it fails half-way: it is run again.
TEST_F(schema_lint_test, every_statement_may_be_run_again) {
  const std::regex again(
      "^(CREATE (OR REPLACE|(UNIQUE )?INDEX IF NOT EXISTS|(FOREIGN )?TABLE IF NOT EXISTS|SCHEMA IF NOT EXISTS|"
      "SEQUENCE IF NOT EXISTS) |GRANT |REVOKE |DO |INSERT INTO [\\s\\S]* ON CONFLICT DO NOTHING$|"
      "ALTER TABLE \\S+ (ADD COLUMN IF NOT EXISTS|ALTER COLUMN \\S+ DROP NOT NULL|ENABLE (REPLICA|ALWAYS) TRIGGER) )"
  );
  for (const auto* statements : {&yugabyte_, &postgres_}) {
    for (const auto& statement : *statements) {
      // A long list of values is more than the library's regular expressions can stand.
      const auto ends = statement.substr(0, 60) + " ... " +
                        statement.substr(statement.size() - std::min<std::size_t>(statement.size(), 40));
      EXPECT_TRUE(std::regex_search(ends, again)) << ends;
    }
  }
}

// What YugabyteDB does not have, or has only with a price.
const std::vector<std::pair<std::string, std::string>>& lacking_in_yugabyte() {
  static const std::vector<std::pair<std::string, std::string>> lacking = {
      {"\\bMERGE INTO\\b", "use INSERT ... ON CONFLICT"},
      {"\\bEXCLUDE\\b|\\bUSING (gist|brin|spgist)\\b", "there are no such indexes"},
      {"\\bDEFERRABLE\\b", "only foreign keys can be deferred"},
      {"\\b(LISTEN|NOTIFY|pg_notify|pg_advisory_\\w+)\\b", "must not be load-bearing"},
      {"\\b(xmin|ctid|txid_current)\\b", "keep a version column"},
      {"\\b(currval|lastval)\\(", "use RETURNING"},
      {"\\bUNLOGGED\\b|\\bLOCK TABLE\\b|\\bfillfactor\\b|\\bCONSTRAINT TRIGGER\\b|\\bREFERENCING\\b",
       "is ignored or refused"},
      {"\\bPREPARE TRANSACTION\\b", "there is no two-phase commit"},
      {"^(BEGIN|COMMIT|SAVEPOINT)\\b", "a step is no transaction there"},
      {"\\b(pg_(current|last)_wal_\\w+|pg_is_in_recovery|pg_lsn|pg_stat_replication|pg_logical_\\w+|cluster_name)\\b",
       "there is no such log, and no standby: a view or a function under sql/placement/ tells what each engine can"},
  };
  return lacking;
}

void expect_nothing_that_yugabyte_lacks(const std::string& statement) {
  for (const auto& [pattern, remedy] : lacking_in_yugabyte()) {
    EXPECT_FALSE(std::regex_search(statement, std::regex(pattern))) << pattern << ": " << remedy << "\n" << statement;
  }
}

TEST_F(schema_lint_test, the_portable_schema_asks_nothing_that_yugabyte_lacks) {
  for (const auto& statement : yugabyte_) {
    if (statement.size() > 20000) {
      continue;  // the country map
    }
    expect_nothing_that_yugabyte_lacks(statement);
    if (statement.starts_with("DO ")) {
      EXPECT_EQ(statement.find("EXCEPTION WHEN"), std::string::npos) << "a savepoint around DDL: ask first\n"
                                                                     << statement;
    }
  }
}

TEST_F(schema_lint_test, no_service_asks_for_what_yugabyte_lacks) {
  const auto root = source_root() / "sql" / "query";
  int count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
    // The console looks at nodes of the embedded engine only.
    if (file.path().extension() == ".sql" && file.path().filename() != "observe_node.sql") {
      ++count;
      SCOPED_TRACE(file.path().string());
      expect_nothing_that_yugabyte_lacks(read_file(file.path()).value());
    }
  }
  EXPECT_GE(count, 100);
}

// What the services ask for under one name, each engine answers in its own way, and under the same names.
TEST_F(schema_lint_test, each_engine_tells_how_far_the_reminders_are) {
  const std::regex view(
      "^CREATE OR REPLACE VIEW meridian.reminder_position AS[\\s\\S]* AS node,[\\s\\S]* AS position,"
      "[\\s\\S]* AS staleness_ms\\b"
  );
  for (const auto* statements : {&yugabyte_, &postgres_}) {
    EXPECT_TRUE(std::ranges::any_of(*statements, [&](const auto& one) {
      return one.size() < 2000 && std::regex_search(one, view);
    }));
  }
}

}  // namespace
}  // namespace meridian::cluster
