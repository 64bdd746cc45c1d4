// What people see when something is wrong: a region dead or frozen, a statement that can't be done, a machine that
// lacks something. Nothing hangs, every error says what to do.
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/complete.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

using clock = std::chrono::steady_clock;

class failure_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>();
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  static std::unique_ptr<local_topology> world;
};

std::unique_ptr<local_topology> failure_systest::world;

// What people do in regions that are well: each names a country, so it is nobody else's business.
const std::string statements_without_asia[] = {
    "SELECT message FROM Message WHERE channel_id = 1 AND country = 'USA' ORDER BY sent_at",
    "INSERT INTO Message (channel_id, sender_id, message, country) VALUES (1, 1, 'from far', 'USA')",
    "INSERT INTO Message (channel_id, sender_id, message, country) VALUES (4, 4, 'von fern', 'Germany')",
    "UPDATE Message SET message = 'edited' WHERE channel_id = 4 AND country = 'Germany'",
    "DELETE FROM Message WHERE channel_id = 4 AND country = 'Germany'",
    "SELECT * FROM Channel AS c JOIN Message AS m ON m.channel_id = c.id WHERE c.country = 'USA' AND m.country = 'USA'",
    "SELECT * FROM Workspace_Americas AS w LEFT JOIN WorkspaceProfile_Americas AS wp ON w.id = wp.workspace_id",
};

void expect_the_rest_goes_on(session& here) {
  for (const auto& statement : statements_without_asia) {
    const auto begin = clock::now();
    here.text(statement);
    EXPECT_LT(clock::now() - begin, 1s) << statement;
  }
}

TEST_F(failure_systest, a_dead_region_leaves_the_others_alone) {
  auto used = world->connect("geo-americas", "meridian_adhoc");
  EXPECT_EQ(used.text("SELECT count(*) FROM Workspace"), "5");  // it knows Asia by now
  world->kill_node("geo-asia");
  auto fresh = world->connect("geo-europe", "meridian_adhoc");
  for (auto* here : {&fresh, &used}) {
    expect_the_rest_goes_on(*here);
    const auto begin = clock::now();
    EXPECT_THAT(
        here->refusal("SELECT count(*) FROM Workspace"),
        AnyOf(HasSubstr("could not connect to server \"asia\""), HasSubstr("server closed the connection"))
    );
    EXPECT_LT(clock::now() - begin, 3s);
    EXPECT_THAT(
        here->refusal("INSERT INTO Message (channel_id, sender_id, message, country) VALUES (8, 9, 'lost?', 'India')"),
        HasSubstr("could not connect to server \"asia\"")
    );
    expect_the_rest_goes_on(*here);
  }
  const auto shown = world->run({"status"});
  EXPECT_EQ(shown.exit_code, 1);
  EXPECT_THAT(shown.output, testing::ContainsRegex("geo-asia .*DOWN"));
  EXPECT_THAT(world->sql_refusal("geo-asia", "SELECT 1"), HasSubstr("Connection refused"));
  world->up();
  expect_complete(*world);
  EXPECT_EQ(used.text("SELECT count(*) FROM Workspace"), "5");
  EXPECT_EQ(used.text("SELECT count(*) FROM Message WHERE message = 'lost?'"), "0");
}

TEST_F(failure_systest, a_frozen_region_leaves_the_others_alone) {
  auto used = world->connect("geo-americas", "meridian_adhoc");
  EXPECT_EQ(used.text("SELECT count(*) FROM Workspace"), "5");
  auto fresh = world->connect("geo-europe", "meridian_adhoc");
  world->freeze_node("geo-asia");
  for (auto* here : {&fresh, &used}) {
    expect_the_rest_goes_on(*here);
  }
  const auto begin = clock::now();
  EXPECT_THAT(fresh.refusal("SELECT count(*) FROM Workspace"), HasSubstr("could not connect to server \"asia\""));
  EXPECT_LT(clock::now() - begin, 6s) << "connect_timeout is 2 s";
  expect_the_rest_goes_on(fresh);
  used.text("SET statement_timeout = '1s'");
  const auto asked = clock::now();
  EXPECT_THAT(used.refusal("SELECT count(*) FROM Workspace"), HasSubstr("statement timeout"));
  EXPECT_LT(clock::now() - asked, 5s) << "a connection that is open already is given up too";
  const auto shown = world->run({"status"});
  EXPECT_EQ(shown.exit_code, 1);
  EXPECT_THAT(shown.output, testing::ContainsRegex("geo-asia .*DOWN"));
  EXPECT_LT(clock::now() - begin, 15s) << "status waits for no one";
  world->thaw_node("geo-asia");
  EXPECT_TRUE(wait_until([] { return world->run({"status"}).exit_code == 0; }));
  expect_complete(*world);
}

// Its children notice within moments and end; until then they hold what the next server needs.
TEST_F(failure_systest, up_heals_a_node_whose_first_process_alone_was_killed) {
  for (const auto* node : {"geo-europe", "reminders-americas", "status-americas"}) {
    const auto postmaster = world->postmaster_of(node);
    ASSERT_TRUE(postmaster);
    ::kill(*postmaster, SIGKILL);
  }
  world->up();
  expect_complete(*world);
}

TEST_F(failure_systest, up_heals_every_kind_of_node) {
  for (const auto* node : {"geo-americas", "reminders-asia", "reminders-americas", "status-europe"}) {
    world->kill_node(node);
  }
  const auto shown = world->run({"status"});
  EXPECT_EQ(shown.exit_code, 1);
  for (const auto* node : {"geo-americas", "reminders-asia", "reminders-americas", "status-europe"}) {
    EXPECT_THAT(shown.output, testing::ContainsRegex(fmt::format("{} .*DOWN", node)));
  }
  world->up();
  EXPECT_TRUE(wait_until([] {  // pglogical reconnects by itself, and the agent helps
    const auto links = world->run({"replication", "show"}).output;
    return links.find("down") == std::string::npos && links.find("unreachable") == std::string::npos;
  }));
  expect_complete(*world);
}

TEST_F(failure_systest, an_unknown_country_is_refused_with_the_known_ones) {
  for (const auto* node : {"geo-americas", "geo-europe", "geo-asia"}) {
    const auto message = world->sql_refusal(
        node, "INSERT INTO Message (channel_id, sender_id, message, country) VALUES (8, 9, 'x', 'Atlantis')"
    );
    EXPECT_THAT(
        message, AllOf(HasSubstr("unknown country \"Atlantis\""), HasSubstr("Accepted are"), HasSubstr("India"))
    );
    EXPECT_THAT(
        world->sql_refusal(node, "INSERT INTO Profile (full_name, email) VALUES ('No Land', 'no@example.com')"),
        AllOf(HasSubstr("a country is needed"), HasSubstr("Accepted are"))
    );
  }
}

TEST_F(failure_systest, a_row_for_the_wrong_place_is_refused_with_the_right_one) {
  for (const auto* node : {"geo-americas", "geo-europe", "geo-asia"}) {
    EXPECT_THAT(
        world->sql_refusal(
            node, "INSERT INTO Message_Asia (channel_id, sender_id, message, country) VALUES (8, 9, 'x', 'USA')"
        ),
        AllOf(HasSubstr("rows of USA rest in americas, not in asia"), HasSubstr("Name the whole table"))
    ) << node;
    EXPECT_THAT(
        world->sql_refusal(
            node, "INSERT INTO Message (channel_id, sender_id, message, country) VALUES (8, 9, 'x', 'USA')"
        ),
        AllOf(HasSubstr("there is no channel 8 in USA"), HasSubstr("carries the country of its channel"))
    ) << node;
  }
}

TEST_F(failure_systest, an_unknown_node_is_told_with_the_known_ones) {
  const auto ended = world->run({"sql", "geo-asla", "-c", "SELECT 1"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.errors, AllOf(HasSubstr("no node geo-asla"), HasSubstr("geo-asia"), HasSubstr("127.0.0.3")));
  EXPECT_EQ(world->run({"logs", "nobody"}).exit_code, 1);
  const auto wrong_pair = world->run({"replication", "setup", "--from", "geo-asia", "--to", "status-europe"});
  EXPECT_EQ(wrong_pair.exit_code, 1);
  EXPECT_THAT(wrong_pair.errors, HasSubstr("not two nodes of one deployment"));
  const auto backwards = world->run({"replication", "pause", "--from", "reminders-asia", "--to", "reminders-europe"});
  EXPECT_EQ(backwards.exit_code, 1);
  EXPECT_THAT(backwards.errors, HasSubstr("changes flow from reminders-americas"));
  const auto unknown_part = world->run({"apply", "--deployment", "statsu"});
  EXPECT_EQ(unknown_part.exit_code, 1);
  EXPECT_THAT(unknown_part.errors, HasSubstr("status"));
}

// A program that took the address first; it accepts connections and never says a word.
class squatter {
 public:
  squatter(const std::string& address, std::uint16_t port)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &where.sin_addr);
    const bool listens =
        ::bind(listener_, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 && ::listen(listener_, 16) == 0;
    EXPECT_TRUE(listens);
  }
  squatter(const squatter&) = delete;
  squatter& operator=(const squatter&) = delete;
  ~squatter() { ::close(listener_); }

 private:
  int listener_;
};

TEST(machine_systest, a_port_in_use_is_named) {
  local_topology fresh({"geo"});
  {
    const squatter taken("127.0.0.2", fresh.sql_port());
    const auto begin = clock::now();
    const auto ended = fresh.run({"up"});
    EXPECT_LT(clock::now() - begin, 40s);
    EXPECT_EQ(ended.exit_code, 1) << ended.said();
    EXPECT_THAT(ended.errors, HasSubstr(fmt::format("127.0.0.2:{}", fresh.sql_port())));
    EXPECT_THAT(
        ended.errors, AllOf(HasSubstr("in use by another program"), HasSubstr("geo-europe"), HasSubstr("ss -ltnp"))
    );
  }
  {
    const squatter taken("127.0.0.1", fresh.http_port());
    const auto ended = fresh.run({"up"});
    EXPECT_EQ(ended.exit_code, 1) << ended.said();
    EXPECT_THAT(
        ended.errors,
        AllOf(HasSubstr(fmt::format("127.0.0.1:{}: the port is taken", fresh.http_port())), HasSubstr("ss -ltnp"))
    );
  }
  fresh.up();
  expect_complete(fresh);
}

// In a container whose first process takes no note of orphans that end, a killed server stays in the process table, and
// both PostgreSQL and pg_ctl take it for alive.
TEST(machine_systest, a_killed_server_that_nobody_buries_is_in_nobodys_way) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // the nodes become children of this test, which waits for none of them
  local_topology fresh({"status"});
  fresh.up();
  fresh.kill_node("status-americas");
  fresh.up();
  expect_complete(fresh);
  fresh.kill_node("status-americas");
  const auto begin = clock::now();
  EXPECT_EQ(fresh.run({"down"}).exit_code, 0);
  EXPECT_LT(clock::now() - begin, 20s);
  fresh.take_down();
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

TEST(machine_systest, another_topology_on_the_port_is_told_from_ones_own) {
  local_topology first({"status"});
  first.up();
  local_topology second({"status"});
  second.edit(fmt::format("sql_port = {}", second.sql_port()), fmt::format("sql_port = {}", first.sql_port()));
  const auto ended = second.run({"up"});
  EXPECT_EQ(ended.exit_code, 1) << ended.said();
  EXPECT_THAT(ended.errors, HasSubstr("in use by another program"));
  second.take_down();
  expect_complete(first);
}

TEST(machine_systest, a_state_directory_that_cannot_be_used_is_told) {
  const local_topology fresh({"status"});
  std::filesystem::create_directory(fresh.state_directory());
  std::ofstream(fresh.state_directory() / "somebody's file") << "x";
  std::filesystem::permissions(fresh.state_directory(), std::filesystem::perms(0555));
  const auto ended = fresh.run({"up"});
  EXPECT_EQ(ended.exit_code, 1) << ended.said();
  EXPECT_THAT(ended.errors, AllOf(HasSubstr("can't be written"), HasSubstr("MERIDIAN_STATE_DIR")));
  const auto elsewhere = fresh.run({"up"}, {{"MERIDIAN_STATE_DIR", (fresh.file() / "below a file").string()}});
  EXPECT_EQ(elsewhere.exit_code, 1) << elsewhere.said();
  EXPECT_THAT(elsewhere.errors, AllOf(HasSubstr("can't create the directory"), HasSubstr("MERIDIAN_STATE_DIR")));
  std::filesystem::permissions(fresh.state_directory(), std::filesystem::perms(0755));
  std::filesystem::remove_all(fresh.state_directory());
}

// As root, the directory has to become the account's that the nodes run as.
TEST(machine_systest, an_empty_state_directory_is_taken) {
  const local_topology fresh({"status"});
  std::filesystem::create_directory(fresh.state_directory());
  std::filesystem::permissions(fresh.state_directory(), std::filesystem::perms(0700));
  fresh.up();
}

TEST(machine_systest, a_missing_postgresql_is_told_with_its_packages) {
  const local_topology fresh({"status"});
  const auto ended = fresh.run({"up"}, {{"MERIDIAN_POSTGRES_BIN", fresh.directory().string()}});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.errors, AllOf(HasSubstr("PostgreSQL 15 is missing"), HasSubstr("apt-get install postgresql-15")));
  const auto status = fresh.run({"status"});
  EXPECT_THAT(status.errors, HasSubstr("is not set up")) << "the directory that up left is no topology";
}

TEST(machine_systest, a_state_directory_has_one_topology) {
  const local_topology first({"status"});
  first.up();
  const local_topology second({"status"});
  const std::map<std::string, std::string> same_place{{"MERIDIAN_STATE_DIR", first.state_directory().string()}};
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"up"}, {"status"}, {"down", "--erase", "--yes"}}) {
    const auto ended = second.run(arguments, same_place);
    EXPECT_EQ(ended.exit_code, 1) << arguments[0];
    EXPECT_THAT(ended.errors, HasSubstr("belongs to the topology")) << arguments[0];
  }
  EXPECT_EQ(first.run({"status"}).exit_code, 0);
}

TEST(machine_systest, a_mistake_in_the_topology_file_is_told_with_its_line) {
  const local_topology fresh({"status"});
  fresh.edit("engine = ", "engin = ");
  const auto misspelt = fresh.run({"up"});
  EXPECT_EQ(misspelt.exit_code, 1);
  EXPECT_THAT(misspelt.errors, AllOf(HasSubstr(fresh.file().string() + ":"), HasSubstr("engin"), HasSubstr("engine")));
  fresh.edit("engin = ", "engine = [");
  const auto broken = fresh.run({"status"});
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.errors, HasSubstr(fresh.file().string() + ":"));
  const auto missing = fresh.run({"--topology", "/nonexistent.toml", "up"});
  EXPECT_NE(missing.exit_code, 0);
  fresh.edit("engine = [", "engine = ");
}

TEST(machine_systest, a_topology_that_was_never_up_is_told) {
  const local_topology fresh({"geo"});
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"status"}, {"sql", "geo-asia"}, {"logs", "geo-asia"}, {"replication", "show"}, {"apply"}
       }) {
    const auto ended = fresh.run(arguments);
    EXPECT_EQ(ended.exit_code, 1) << arguments[0];
    EXPECT_THAT(ended.errors, AllOf(HasSubstr("is not set up"), HasSubstr("meridian up"))) << arguments[0];
  }
  const auto down = fresh.run({"down"});
  EXPECT_EQ(down.exit_code, 0) << "there is nothing to stop";
  EXPECT_FALSE(std::filesystem::exists(fresh.state_directory()));
}

}  // namespace
}  // namespace meridian::test
