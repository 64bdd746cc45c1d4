// The SQL of the YugabyteDB plan on a real PostgreSQL 15, through psql in ysqlsh's place: the two dialects can't drift
// apart. Only the tablespaces differ (yugabyte_on_postgres), and the check for the server is left out.

#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cluster/config_files.hpp"
#include "cluster/postgres/installation.hpp"
#include "cluster/yugabyte/plan.hpp"
#include "pg/connection.hpp"
#include "runtime/process.hpp"

namespace meridian::cluster::yugabyte {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// A throw-away server with the superuser yugabyte, and a PATH on which its psql is called ysqlsh.
class throw_away_server {
 public:
  throw_away_server() {
    EXPECT_TRUE(drop_privileges("postgres"));  // PostgreSQL does not run as root
    std::string name = (std::filesystem::temp_directory_path() / "meridian-yugabyte-test.XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    const auto programs = run(postgres::find_installation()).value().programs;
    std::filesystem::create_directory(root_ / "bin");
    std::filesystem::create_symlink(programs / "psql", root_ / "bin" / "ysqlsh");
    port_ = free_port();
    must(
        {programs / "initdb", "-D", data(), "-U", "yugabyte", "--auth=trust", "--no-sync", "--locale=C.UTF-8",
         "--encoding=UTF8"}
    );
    std::ofstream(data() / "postgresql.conf", std::ios::app)
        << "listen_addresses = '127.0.0.1'\nport = " << port_
        << "\nunix_socket_directories = ''\nfsync = off\nallow_in_place_tablespaces = on\n";
    control_ = programs / "pg_ctl";
    must({control_, "start", "-s", "-w", "-D", data(), "-l", root_ / "log"});
    EXPECT_TRUE(query("postgres", "CREATE DATABASE yugabyte"));  // which every universe has
  }

  throw_away_server(const throw_away_server&) = delete;
  throw_away_server& operator=(const throw_away_server&) = delete;

  ~throw_away_server() {
    must({control_, "stop", "-s", "-m", "immediate", "-D", data()});
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  std::uint16_t port() const { return port_; }

  // As `meridian apply` runs it.
  result<std::string> run_step(const plan_step& step) const {
    std::ofstream(root_ / "step") << script_of(step) << "\n";
    command shell{
        {"/bin/sh", "-eu", root_ / "step"},
        {{"PATH", (root_ / "bin").string() + ":/usr/bin:/bin"},
         {"MERIDIAN_SERVICE_PASSWORD", "it's secret"},
         {"MERIDIAN_ADHOC_PASSWORD", "ad-hoc"}}
    };
    return run(run_checked(std::move(shell), deadline::in(60s)));
  }

  // The first column of the answer, with spaces between the rows.
  result<std::string> query(const std::string& database, const std::string& statement) const {
    pg::endpoint where{"127.0.0.1", port_, database, "yugabyte", "", "meridian"};
    return run(ask(std::move(where), statement));
  }

 private:
  std::filesystem::path data() const { return root_ / "data"; }

  static task<std::string> ask(pg::endpoint where, std::string statement) {
    const auto until = deadline::in(20s);
    MERIDIAN_CO_TRY(auto connection, co_await pg::connection::open(std::move(where), until));
    MERIDIAN_CO_TRY(const auto rows, co_await connection.query(std::move(statement), until));
    std::string out;
    for (const auto row : rows) {
      out += (out.empty() ? "" : " ") + std::string(row.text(0));
    }
    co_return out;
  }

  static void must(std::vector<std::string> arguments) {
    const auto ran = run(run_checked(command{std::move(arguments), {}}, deadline::in(60s)));
    EXPECT_TRUE(ran) << (ran ? "" : ran.error().message);
  }

  static std::uint16_t free_port() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(descriptor, plain, length), 0);
    EXPECT_EQ(::getsockname(descriptor, plain, &length), 0);
    ::close(descriptor);
    return ntohs(address.sin_port);
  }

  std::filesystem::path root_;
  std::filesystem::path control_;
  std::uint16_t port_ = 0;
};

class yugabyte_plan_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = std::make_unique<throw_away_server>(); }
  static void TearDownTestSuite() { server.reset(); }

  void SetUp() override {
    ASSERT_TRUE(server->query("postgres", "DROP DATABASE IF EXISTS meridian WITH (FORCE)"));
    for (const auto& region : world_.regions) {
      ASSERT_TRUE(server->query("postgres", "DROP TABLESPACE IF EXISTS " + tablespace_of(region)));
    }
  }

  // The topology of production, all of it at the throw-away server.
  static topology::topology here() {
    auto world = config_topology("geo.yugabyte.toml");
    for (auto& part : world.deployments) {
      for (auto& node : part.nodes) {
        node.address = "127.0.0.1";
        node.sql_port = server->port();
      }
    }
    return world;
  }

  // The SQL steps of a deployment; of the bidirectional one, of its first universe.
  std::vector<plan_step> sql_steps(const std::string& part) const {
    std::vector<plan_step> chosen;
    const auto steps = steps_of(world_, dialect::yugabyte_on_postgres);
    for (const auto& step : steps.value()) {
      const bool other_side = step.shown.where.find("status-europe") != std::string::npos;
      if (step.shown.is_sql && step.shown.part == part && !other_side) {
        chosen.push_back(step.shown);
      }
    }
    return chosen;
  }

  void load(const std::string& part) const {
    const auto steps = sql_steps(part);
    ASSERT_FALSE(steps.empty());
    for (const auto& step : steps) {
      const auto ran = server->run_step(step);
      ASSERT_TRUE(ran) << step.what << ": " << ran.error().message;
    }
  }

  plan_step step_named(const std::string& part, const std::string& what) const {
    for (const auto& step : sql_steps(part)) {
      if (step.what.find(what) != std::string::npos) {
        return step;
      }
    }
    throw std::logic_error("no step " + what);
  }

  std::string ask(const std::string& statement) const {
    const auto answer = server->query("meridian", statement);
    return answer ? *answer : to_string(answer.error());
  }

  static inline std::unique_ptr<throw_away_server> server;
  topology::topology world_ = here();
};

TEST_F(yugabyte_plan_pgtest, partitions_and_their_indexes_rest_in_their_region) {
  load("geo");
  // By the catalogue, not by what the plan checks itself. A primary key is a part of its table on YugabyteDB.
  const std::string placed =
      " FROM pg_inherits i JOIN pg_class whole ON whole.oid = i.inhparent JOIN pg_class leaf ON leaf.oid = i.inhrelid"
      " LEFT JOIN pg_index x ON x.indrelid = leaf.oid AND NOT x.indisprimary"
      " JOIN pg_class thing ON thing.oid IN (leaf.oid, x.indexrelid)"
      " LEFT JOIN pg_tablespace t ON t.oid = thing.reltablespace"
      " WHERE leaf.relkind = 'r' AND whole.relkind = 'p' AND leaf.relname NOT LIKE '%_unplaced'";
  EXPECT_EQ(
      ask("SELECT DISTINCT thing.relname" + placed +
          " AND substr(leaf.relname, length(whole.relname) + 2) || '_tablespace' IS DISTINCT FROM t.spcname"),
      ""
  );
  EXPECT_GE(std::stoi(ask("SELECT count(DISTINCT leaf.oid)" + placed)), 3 * 11);
  EXPECT_GE(std::stoi(ask("SELECT count(DISTINCT x.indexrelid)" + placed)), 3 * 15);
  EXPECT_EQ(
      ask("SELECT t.spcname FROM pg_class c JOIN pg_tablespace t ON t.oid = c.reltablespace "
          "WHERE c.relname LIKE 'country_copy_%' ORDER BY 1"),
      "americas_tablespace asia_tablespace europe_tablespace"
  );
}

TEST_F(yugabyte_plan_pgtest, plan_notices_an_index_outside_of_its_region) {
  load("geo");
  const auto check = step_named("geo", "Check where partitions rest");
  ASSERT_TRUE(server->run_step(check));
  ASSERT_EQ(ask("CREATE INDEX stray ON message_asia (sent_at)"), "");
  const auto noticed = server->run_step(check);
  ASSERT_FALSE(noticed);
  EXPECT_THAT(noticed.error().message, HasSubstr("outside of its region: stray in the default placement"));
}

TEST_F(yugabyte_plan_pgtest, rows_go_where_their_country_rests) {
  load("geo");
  EXPECT_EQ(
      ask("INSERT INTO profile (full_name, email, country) VALUES ('Venkat Sharma', 'v@example.com', 'IND') "
          "RETURNING tableoid::regclass || ' ' || country || ' ' || ((id >> 17) & 31) || ' ' || (main_profile_id = id)"
      ),
      "profile_asia India 3 true"
  );
  EXPECT_EQ(ask("INSERT INTO workspace (id, name, url, country) VALUES (1, 'SAP', 'https://sap.com', 'Germany')"), "");
  EXPECT_EQ(
      ask("INSERT INTO channel (id, name, workspace_id, country) VALUES (1, 'dev', 1, 'Germany') RETURNING "
          "tableoid::regclass"),
      "channel_europe"
  );
  const std::string send =
      "INSERT INTO message (channel_id, sender_id, message, country) VALUES (1, 4, 'Hallo', 'Germany') ";
  EXPECT_EQ(
      ask(send + "RETURNING tableoid::regclass || ' ' || seq || ' ' || change_seq || ' ' || (id > 0)"),
      "message_europe 1 1 true"
  );
  EXPECT_EQ(ask(send + "RETURNING seq"), "2");
}

TEST_F(yugabyte_plan_pgtest, unknown_countries_are_refused) {
  load("geo");
  EXPECT_THAT(
      ask("INSERT INTO profile (full_name, email, country) VALUES ('A B', 'a@b.c', 'Atlantis')"),
      HasSubstr("unknown country \"Atlantis\"")
  );
}

TEST_F(yugabyte_plan_pgtest, changing_the_country_moves_a_row) {
  load("geo");
  ASSERT_EQ(
      ask("INSERT INTO profile (id, full_name, email, country) VALUES (4, 'Jonas Fischer', 'j@sap.com', 'Germany')"), ""
  );
  EXPECT_EQ(ask("UPDATE profile SET country = 'USA' WHERE id = 4 AND country = 'Germany'"), "");
  EXPECT_EQ(ask("SELECT tableoid::regclass || ' ' || country FROM profile WHERE id = 4"), "profile_americas USA");
}

// What the documentation warns of: to the children of a partition a move is a DELETE.
TEST_F(yugabyte_plan_pgtest, changing_the_country_takes_the_account_away) {
  load("geo");
  ASSERT_EQ(
      ask("INSERT INTO profile (id, full_name, email, country) VALUES (4, 'Jonas Fischer', 'j@sap.com', 'Germany')"), ""
  );
  ASSERT_EQ(
      ask("INSERT INTO identity.account (profile_id, country, password_hash, password_changed_at) "
          "VALUES (4, 'Germany', 'x', now())"),
      ""
  );
  EXPECT_EQ(ask("UPDATE profile SET country = 'USA' WHERE id = 4 AND country = 'Germany'"), "");
  EXPECT_EQ(ask("SELECT count(*) FROM identity.account"), "0");
}

TEST_F(yugabyte_plan_pgtest, everything_may_be_run_again) {
  for (const std::string part : {"geo", "reminders", "status"}) {
    SetUp();
    load(part);
    const auto applied = ask("SELECT count(*) FROM meridian.migration");
    const auto universe = ask("SELECT id::text FROM meridian.universe");
    load(part);
    EXPECT_EQ(ask("SELECT id::text FROM meridian.universe"), universe) << part;
    // An interrupted step leaves its objects and no record.
    ASSERT_EQ(ask("DELETE FROM meridian.migration"), "");
    load(part);
    EXPECT_EQ(ask("SELECT count(*) FROM meridian.migration"), applied) << part;
  }
}

TEST_F(yugabyte_plan_pgtest, altered_steps_are_refused) {
  load("reminders");
  ASSERT_EQ(ask("UPDATE meridian.migration SET checksum = 'another' WHERE name = 'reminders/001_reminder'"), "");
  const auto refused = server->run_step(step_named("reminders", "reminders/001_reminder"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("reminders/001_reminder was altered after it had been applied"));
}

TEST_F(yugabyte_plan_pgtest, reminders_are_read_without_a_place_in_a_log) {
  load("reminders");
  EXPECT_EQ(ask("SELECT node || '|' || position || '|' || staleness_ms FROM meridian.reminder_position"), "|0|0");
}

TEST_F(yugabyte_plan_pgtest, status_has_no_triggers_of_the_other_engine) {
  load("status");
  EXPECT_EQ(ask("SELECT tgname FROM pg_trigger WHERE tgrelid = 'status'::regclass AND NOT tgisinternal"), "touch");
  EXPECT_EQ(ask("SELECT count(*) FROM pg_indexes WHERE tablename = 'status'"), "1");
}

TEST_F(yugabyte_plan_pgtest, tables_belong_to_a_role_that_cannot_sign_in) {
  load("geo");
  EXPECT_EQ(
      ask("SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace IN "
          "('public'::regnamespace, 'identity'::regnamespace, 'meridian'::regnamespace)"),
      "meridian_owner"
  );
  EXPECT_EQ(ask("SELECT rolcanlogin::text FROM pg_roles WHERE rolname = 'meridian_owner'"), "false");
  EXPECT_EQ(ask("SELECT (rolpassword LIKE 'SCRAM%')::text FROM pg_authid WHERE rolname = 'meridian_service'"), "true");
}

}  // namespace
}  // namespace meridian::cluster::yugabyte
