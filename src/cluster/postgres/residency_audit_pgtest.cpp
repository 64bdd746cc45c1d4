#include <algorithm>
#include <map>
#include <optional>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cluster/postgres/canary.hpp"
#include "cluster/postgres/canary_search.hpp"
#include "cluster/postgres/residency_audit.hpp"
#include "cluster/up.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A port that nobody has; the nodes take it on addresses of their own.
std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(probe);
  return bound ? ntohs(address.sin_port) : 0;
}

// The geo-distributed deployment alone.
topology::topology geo_world() {
  topology::topology world;
  world.name = "audit-test";
  world.state_directory = std::filesystem::temp_directory_path() / fmt::format("meridian-audit-test-{}", ::getpid());
  world.countries = {
      {"Canada", "CA", "CAN", {}, "americas"}, {"China", "CN", "CHN", {}, "asia"},
      {"Germany", "DE", "DEU", {}, "europe"},  {"India", "IN", "IND", {"Bharat"}, "asia"},
      {"USA", "US", "USA", {}, "americas"},
  };
  topology::deployment geo;
  geo.name = "geo";
  geo.services = {"profile", "messaging"};
  const auto port = free_port();
  for (const std::string name : {"americas", "europe", "asia"}) {
    const int number = static_cast<int>(world.regions.size()) + 1;
    world.regions.push_back({name, number, name, 0, 0});
    geo.nodes.push_back(
        {"geo-" + name,
         fmt::format("127.0.61.{}", number),
         port,
         name,
         {"aws", name, name + "-1a"},
         topology::node_role::primary}
    );
  }
  world.deployments.push_back(std::move(geo));
  return world;
}

task<void> run_sql(instance node, std::string database, std::string script) {
  MERIDIAN_CO_TRY(auto at, co_await node.connect(role_admin, database, deadline::in(20s)));
  co_return co_await at.run_script(std::move(script), deadline::in(20s));
}

task<std::string> ask_sql(instance node, std::string question) {
  MERIDIAN_CO_TRY(auto at, co_await node.connect(role_admin, deadline::in(20s)));
  MERIDIAN_CO_TRY(const auto rows, co_await at.query(std::move(question), deadline::in(20s)));
  co_return std::string(rows[0].text(0));
}

struct running_world {
  topology::topology world = geo_world();
  std::optional<state> kept;
  std::unique_ptr<postgres_engine> engine;
};

auto is_stray(const std::string& node, const std::string& subject, const std::string& message) {
  return AllOf(
      Field(&finding::weight, severity::stray), Field(&finding::node, node),
      Field(&finding::subject, HasSubstr(subject)), Field(&finding::message, HasSubstr(message))
  );
}

auto is_of_weight(severity weight) {
  return Field(&finding::weight, weight);
}

std::string text_of(const residency_report& report) {
  std::string text;
  for (const auto& one : report.findings) {
    text += fmt::format("{} {}: {} {}\n", to_string(one.weight), one.node, one.subject, one.message);
  }
  return text;
}

// Three nodes for all tests; each test undoes what it plants.
class residency_audit_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared = std::make_unique<running_world>();
    auto& [world, kept, engine] = *shared;
    auto opened = state::create(world);
    ASSERT_TRUE(opened) << opened.error().message;
    kept.emplace(std::move(*opened));
    auto made = run(postgres_engine::make(world, *kept));
    ASSERT_TRUE(made) << made.error().message;
    engine = std::move(*made);
    progress quiet(true);
    const auto up = run(bring_up(world, *engine, {}, quiet));
    ASSERT_TRUE(up) << up.error().message;
  }

  static void TearDownTestSuite() {
    progress quiet(true);
    if (shared->engine) {
      EXPECT_TRUE(run(shared->engine->stop(quiet)));
      EXPECT_TRUE(shared->kept->erase());
    }
    shared.reset();
  }

  static instance node(const std::string& region) {
    return shared->engine->instance_of(*shared->world.find_node(region));
  }

  static void sql(const std::string& region, std::string script, std::string database = std::string(database_name)) {
    const auto done = run(run_sql(node(region), std::move(database), std::move(script)));
    ASSERT_TRUE(done) << done.error().message;
  }

  static std::string ask(const std::string& region, std::string question) {
    auto answer = run(ask_sql(node(region), std::move(question)));
    return answer ? *answer : answer.error().message;
  }

  static residency_report audit() {
    progress quiet(true);
    auto report = run(audit_residency(shared->world, *shared->kept, *shared->engine, quiet));
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : residency_report();
  }

  static std::string bounds_of(const std::string& region, const std::string& partition) {
    return ask(region, "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = '" + partition + "'::regclass");
  }

  static std::string foreign_partition(const std::string& region, const std::string& table, const std::string& of) {
    const auto leaf = table + "_" + of;
    return fmt::format(
        "CREATE FOREIGN TABLE {0} PARTITION OF {1} {2} SERVER {3} OPTIONS (schema_name 'public', table_name '{0}');"
        "ALTER FOREIGN TABLE {0} OWNER TO meridian_owner;"
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {0} TO meridian_service, meridian_adhoc;",
        leaf, table, bounds_of(region, leaf), of
    );
  }

  static void repair() {
    progress quiet(true);
    const auto applied = run(shared->engine->apply_schema(shared->world.deployments[0], quiet));
    ASSERT_TRUE(applied) << applied.error().message;
  }

  static std::unique_ptr<running_world> shared;
};

std::unique_ptr<running_world> residency_audit_pgtest::shared;

TEST_F(residency_audit_pgtest, passes_on_a_topology_as_it_was_made) {
  const auto report = audit();
  EXPECT_TRUE(report.passed()) << text_of(report);
  EXPECT_THAT(report.findings, IsEmpty()) << text_of(report);
  // 10 profiles, 5 workspaces, 11 memberships of workspaces, 8 channels, 19 of channels, 3 heads of audit logs.
  EXPECT_EQ(report.rows(), 56);
  ASSERT_EQ(report.canaries.size(), 3);
  EXPECT_THAT(report.canaries, Each(Field(&canary_report::doors, testing::SizeIs(3))));
  EXPECT_THAT(report.sightings, Each(Field(&sighting::home, true)));
  for (const std::string region : {"americas", "europe", "asia"}) {
    const auto found = [&](const std::string& file, const std::string& relation) {
      return AllOf(
          Field(&sighting::region, region), Field(&sighting::node, "geo-" + region),
          Field(&sighting::file, HasSubstr(file)), Field(&sighting::relation, relation)
      );
    };
    for (const std::string table : {"profile", "workspace", "channel", "message", "message_revision"}) {
      EXPECT_THAT(report.sightings, Contains(found("/base/", "public." + table + "_" + region)));
    }
    EXPECT_THAT(report.sightings, Contains(found("/pg_wal/", "")));
  }
  EXPECT_GT(report.files_searched, 1000);
  const auto counts =
      "SELECT format('%s %s %s %s %s', (SELECT count(*) FROM profile), (SELECT count(*) FROM workspace),"
      "(SELECT count(*) FROM channel), (SELECT count(*) FROM message), (SELECT count(*) FROM message_revision))";
  EXPECT_EQ(ask("asia", counts), "10 5 8 0 0") << "canaries were left";
}

TEST_F(residency_audit_pgtest, finds_copies_of_rows_in_tables_of_somebody_s_own) {
  sql("americas", "CREATE TABLE copied AS SELECT * FROM profile_asia");
  sql("americas", "CREATE SCHEMA mine; CREATE MATERIALIZED VIEW mine.seen AS SELECT * FROM workspaceprofile");
  sql("europe", "CREATE TABLE people (country text); INSERT INTO people VALUES ('CN'), ('Germany'), ('Mordor')",
      "postgres");
  sql("americas", "SELECT lo_from_bytea(7, (SELECT min(email) FROM profile_asia)::bytea)");
  const auto report = audit();
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(
      report.findings, Contains(is_stray("geo-americas", "public.copied", "holds 4 rows of asia (China 2, India 2)"))
  );
  EXPECT_THAT(report.findings, Contains(is_stray("geo-americas", "mine.seen", "holds 1 row of europe (Germany 1)")));
  EXPECT_THAT(
      report.findings, Contains(is_stray("geo-europe", "postgres: public.people", "holds 1 row of asia (CN 1)"))
  );
  EXPECT_EQ(report.count(severity::stray), 4) << text_of(report);  // mine.seen has rows of asia too
  EXPECT_EQ(report.count(severity::warning), 2) << "Mordor and the large object\n" << text_of(report);
  sql("americas", "DROP TABLE copied; DROP SCHEMA mine CASCADE; SELECT lo_unlink(7)");
  sql("europe", "DROP TABLE people", "postgres");
}

TEST_F(residency_audit_pgtest, finds_rows_that_an_altered_partition_let_in) {
  const auto americas = bounds_of("americas", "profile_americas");
  const auto asia = foreign_partition("americas", "profile", "asia");
  sql("americas",
      "ALTER TABLE profile DETACH PARTITION profile_americas; DROP FOREIGN TABLE profile_asia;"
      "UPDATE profile_americas SET country = 'India' WHERE id = 1;"
      "ALTER TABLE profile ATTACH PARTITION profile_americas FOR VALUES IN ('USA', 'Canada', 'India')");
  const auto report = audit();
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(report.findings, Contains(is_stray("geo-americas", "profile_americas", "holds 1 row of asia (India 1)")));
  EXPECT_THAT(
      report.findings, Contains(AllOf(is_of_weight(severity::incomplete), Field(&finding::subject, "profile_asia")))
  );
  sql("americas",
      "ALTER TABLE profile DETACH PARTITION profile_americas; UPDATE profile_americas SET country = 'USA' WHERE id = 1;"
      "ALTER TABLE profile ATTACH PARTITION profile_americas " +
          americas + ";" + asia);
  repair();
}

TEST_F(residency_audit_pgtest, finds_a_partition_that_rests_on_the_wrong_node) {
  const auto back = foreign_partition("europe", "profile", "asia");
  const auto bounds = bounds_of("europe", "profile_asia");
  sql("europe",
      "DROP FOREIGN TABLE profile_asia; CREATE TABLE profile_asia PARTITION OF profile " + bounds +
          ";"
          "GRANT SELECT, INSERT, UPDATE, DELETE ON profile_asia TO meridian_service;"
          "INSERT INTO profile (id, full_name, email, country) VALUES (99, 'Lost', 'lost@example.org', 'India')");
  const auto report = audit();
  EXPECT_THAT(report.findings, Contains(is_stray("geo-europe", "profile_asia", "is a table here")));
  EXPECT_THAT(report.findings, Contains(is_stray("geo-europe", "profile_asia", "holds 1 row of asia (India 1)")));
  // The profile that was written through this node stayed here, and so did its bytes.
  EXPECT_THAT(report.findings, Contains(is_stray("geo-europe", "/base/", "in public.profile_asia")));
  EXPECT_THAT(report.findings, Contains(is_stray("geo-europe", "/pg_wal/", "holds the canary of asia")));
  EXPECT_EQ(ask("europe", "SELECT count(*) FROM profile_asia WHERE id <> 99"), "0") << "canaries were left";
  sql("europe", "DROP TABLE profile_asia;" + back);
  repair();
}

TEST_F(residency_audit_pgtest, finds_rows_in_the_partition_that_must_hold_none) {
  sql("europe",
      "ALTER TABLE profile_unplaced DISABLE TRIGGER refuse;"
      "INSERT INTO profile (id, full_name, email, country) VALUES (99, 'Nobody', 'nobody@example.org', 'Atlantis')");
  const auto report = audit();
  EXPECT_THAT(report.findings, Contains(is_stray("geo-europe", "profile_unplaced", "holds 1 row, and must hold none")));
  // What the audit itself tried to put there, and removed.
  EXPECT_THAT(report.findings, Contains(is_stray("geo-europe", "/base/", "in public.profile_unplaced")));
  EXPECT_EQ(ask("europe", "SELECT count(*) FROM ONLY profile_unplaced"), "1");
  sql("europe", "DELETE FROM profile_unplaced; ALTER TABLE profile_unplaced ENABLE TRIGGER refuse");
}

TEST_F(residency_audit_pgtest, finds_values_that_statistics_brought_over) {
  sql("americas", "ALTER FOREIGN TABLE profile_asia ALTER COLUMN full_name SET STATISTICS 100");
  const auto report = audit();
  EXPECT_THAT(report.findings, Contains(is_stray("geo-americas", "pg_statistic", "public.profile_asia (full_name)")));
  EXPECT_THAT(report.findings, Contains(is_stray("geo-americas", "/base/", "holds the canary of asia")));
  EXPECT_THAT(report.findings, Contains(is_stray("geo-americas", "/base/", "in pg_catalog.pg_statistic")));
  repair();
  const auto after = audit();
  EXPECT_TRUE(after.passed()) << "bringing the schema up to date removes such statistics\n" << text_of(after);
}

TEST_F(residency_audit_pgtest, finds_statements_in_a_log) {
  sql("europe", "ALTER SYSTEM SET log_statement = 'all'");
  sql("europe", "SELECT pg_reload_conf()");
  const auto report = audit();
  sql("europe", "ALTER SYSTEM RESET log_statement");
  sql("europe", "SELECT pg_reload_conf()");
  for (const std::string region : {"americas", "asia"}) {
    EXPECT_THAT(
        report.findings,
        Contains(is_stray("geo-europe", "nodes/geo-europe/postgres.log", "holds the canary of " + region))
    );
  }
  EXPECT_EQ(report.count(severity::stray), 2) << text_of(report);
  EXPECT_EQ(report.count(severity::warning), 1) << "of Europe's own words in Europe's log\n" << text_of(report);
}

TEST_F(residency_audit_pgtest, finds_a_foreign_partition_that_leads_to_another_node) {
  sql("americas", "ALTER SERVER asia OPTIONS (SET host '127.0.61.2')");
  const auto report = audit();
  EXPECT_THAT(report.findings, Contains(is_stray("geo-americas", "profile_asia", "which is not the node of asia")));
  repair();
}

TEST_F(residency_audit_pgtest, removes_what_an_interrupted_audit_left) {
  const auto flock = make_canaries(shared->world);
  ASSERT_TRUE(run(insert_canary(node("americas"), flock.each[2], 7)));
  EXPECT_EQ(ask("asia", "SELECT count(*) FROM message_asia"), "1");
  const auto report = audit();
  EXPECT_TRUE(report.passed()) << text_of(report);
  EXPECT_THAT(
      report.findings, Contains(AllOf(
                           is_of_weight(severity::warning), Field(&finding::node, "geo-asia"),
                           Field(&finding::message, HasSubstr("had 4 rows of an interrupted audit"))
                       ))
  );
  EXPECT_EQ(report.rows(), 56) << "canaries are not counted";
  EXPECT_EQ(ask("asia", "SELECT count(*) FROM message_asia"), "0");
  EXPECT_EQ(ask("asia", "SELECT count(*) FROM profile WHERE email LIKE '%canary%'"), "0");
}

TEST_F(residency_audit_pgtest, is_incomplete_without_a_region) {
  ASSERT_TRUE(run(node("asia").stop()));
  const auto report = audit();
  ASSERT_TRUE(run(node("asia").start()));
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(
      report.findings, Contains(AllOf(
                           is_of_weight(severity::incomplete), Field(&finding::node, "geo-asia"),
                           Field(&finding::message, HasSubstr("can't be reached"))
                       ))
  );
  EXPECT_THAT(report.findings, Not(Contains(is_of_weight(severity::stray)))) << text_of(report);
  EXPECT_EQ(report.canaries.size(), 2) << "the other regions are looked at all the same";
}

TEST_F(residency_audit_pgtest, takes_a_search_that_finds_nothing_for_blind) {
  const auto never_written = make_canaries(shared->world);
  const std::vector<searched_node> nodes{{node("asia"), "asia", true}};
  residency_report report;
  ASSERT_TRUE(run(search_canaries(*shared->kept, nodes, never_written, {"asia"}, report)));
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.count(severity::incomplete), 2) << text_of(report);  // no table and no WAL shows it
}

}  // namespace
}  // namespace meridian::cluster::postgres
