#include "cluster/migration.hpp"

#include <map>

#include <fmt/core.h>

#include "pg/quote.hpp"
#include "runtime/crypto.hpp"

namespace meridian::cluster {
namespace {

using records = std::map<std::string, std::string>;  // name -> checksum

task<records> read_records(pg::connection& node, deadline until) {
  MERIDIAN_CO_CHECK(co_await node.run_script(std::string(migration_table()), until));
  MERIDIAN_CO_TRY(const auto rows, co_await node.query("SELECT name, checksum FROM meridian.migration", until));
  records applied;
  for (const auto row : rows) {
    applied.emplace(row.text(0), row.text(1));
  }
  co_return applied;
}

result<void> check_records(records applied, const std::vector<migration>& steps) {
  for (const auto& step : steps) {
    const auto found = applied.find(step.name);
    if (found == applied.end()) {
      continue;
    }
    if (found->second != checksum_of(step)) {
      return error{
          errc::conflict, fmt::format("the step {} was altered after it had been applied", step.name),
          "Restore the file under sql/schema (or the country map, or the regions) and put the change into a new step; "
          "on a "
          "local topology `meridian down --erase` starts afresh."
      };
    }
    applied.erase(found);
  }
  if (!applied.empty()) {
    return error{
        errc::conflict,
        fmt::format("this node has the step {}, which this program does not know", applied.begin()->first),
        "It was set up by a newer version: use that one."
    };
  }
  return {};
}

}  // namespace

std::string_view migration_table() {
  return "CREATE SCHEMA IF NOT EXISTS meridian AUTHORIZATION meridian_owner;\n"
         "CREATE TABLE IF NOT EXISTS meridian.migration (\n"
         "  name text PRIMARY KEY,\n"
         "  checksum text NOT NULL,  -- SHA-256 of the step's SQL\n"
         "  applied_at timestamptz NOT NULL DEFAULT now()\n"
         ");\n"
         "ALTER TABLE meridian.migration OWNER TO meridian_owner;";
}

std::string checksum_of(const migration& step) {
  return sha256_hex(step.sql);
}

std::string record_of(const migration& step) {
  return fmt::format(
      "INSERT INTO meridian.migration (name, checksum) VALUES ({}, {});", pg::literal(step.name),
      pg::literal(checksum_of(step))
  );
}

// The record goes first: a second run of the same step waits for it and is then refused by the primary key.
std::string transaction_of(const migration& step) {
  return "BEGIN;\nSET LOCAL ROLE meridian_owner;\nSET LOCAL search_path = public;\n" + record_of(step) + "\n" +
         step.sql + "\nCOMMIT;";
}

task<int> migrate(pg::connection& node, const std::vector<migration>& steps, deadline until) {
  MERIDIAN_CO_TRY(const auto applied, co_await read_records(node, until));
  MERIDIAN_CO_CHECK(check_records(applied, steps));
  int count = 0;
  for (const auto& step : steps) {
    if (applied.contains(step.name)) {
      continue;
    }
    auto script = transaction_of(step);
    if (auto done = co_await node.run_script(std::move(script), until); !done) {
      auto failure = std::move(done).error();
      failure.message = step.name + ": " + failure.message;
      co_await node.run_script("ROLLBACK", until);
      co_return failure;
    }
    ++count;
  }
  co_return count;
}

}  // namespace meridian::cluster
