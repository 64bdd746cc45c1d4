// One primary takes the reminders, its replicas hold them too: through restarts, kills and pauses.
#include <memory>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/complete.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const std::string replicas[] = {"reminders-europe", "reminders-asia"};

class reminders_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"reminders"});
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  // A new reminder's id.
  static std::string remind() {
    return world->connect("reminders-americas", "meridian_service")
        .text(
            "INSERT INTO Reminder (profile_id, message_id, notify_at) VALUES (5, 1, now() + interval '1 day') "
            "RETURNING id"
        );
  }

  static std::string count_of(const std::string& id) { return "SELECT count(*) FROM Reminder WHERE id = " + id; }

  static std::unique_ptr<local_topology> world;
};

std::unique_ptr<local_topology> reminders_systest::world;

TEST_F(reminders_systest, schema_and_rows_reach_both_replicas) {
  const auto id = remind();
  for (const auto& replica : replicas) {
    world->expect_soon(replica, count_of(id), "1");
    auto here = world->connect(replica, "meridian_adhoc");
    EXPECT_EQ(here.text("SELECT pg_is_in_recovery()"), "t");
    EXPECT_EQ(
        here.text("SELECT count(*) FROM information_schema.columns WHERE table_name = 'reminder'"),
        world->sql("127.0.0.4", "SELECT count(*) FROM information_schema.columns WHERE table_name = 'reminder'")
    );
  }
}

TEST_F(reminders_systest, a_change_of_the_schema_reaches_both_replicas) {
  world->connect("reminders-americas").text("CREATE TABLE added (n int); ");
  for (const auto& replica : replicas) {
    world->expect_soon(replica, "SELECT to_regclass('added')", "added");
  }
  world->connect("reminders-americas").text("DROP TABLE added");
}

TEST_F(reminders_systest, a_replica_refuses_writes) {
  for (const auto& replica : replicas) {
    auto here = world->connect(replica, "meridian_service");
    for (const auto* statement :
         {"INSERT INTO Reminder (profile_id, notify_at) VALUES (1, now())", "UPDATE Reminder SET state = 'completed'",
          "DELETE FROM Reminder"}) {
      EXPECT_THAT(here.refusal(statement), HasSubstr("in a read-only transaction"));
    }
  }
}

// With one replica a service's write is on two nodes when it is acknowledged; with none it waits, and is not
// acknowledged. This program's own work waits for nobody.
TEST_F(reminders_systest, replicas_that_were_away_catch_up_and_a_write_waits_for_one) {
  world->kill_node("reminders-europe");
  const auto with_one = remind();
  ASSERT_EQ(world->pg_ctl("reminders-asia", {"stop", "-w", "-m", "fast"}).exit_code, 0);
  auto service = world->connect("reminders-americas", "meridian_service");
  service.set_patience(1s);
  const auto waited = service.query("INSERT INTO Reminder (profile_id, notify_at) VALUES (5, now()) RETURNING id");
  EXPECT_FALSE(waited) << "acknowledged without a replica";
  const auto id = world->connect("reminders-americas")
                      .text("INSERT INTO Reminder (profile_id, notify_at) VALUES (5, now()) RETURNING id");
  const auto shown = world->run({"status"});
  EXPECT_EQ(shown.exit_code, 1);
  EXPECT_THAT(shown.output, testing::ContainsRegex("reminders-europe .*DOWN"));
  EXPECT_THAT(shown.output, HasSubstr("unreachable"));
  world->up();
  for (const auto& replica : replicas) {
    world->expect_soon(replica, count_of(with_one), "1");
    world->expect_soon(replica, count_of(id), "1");
  }
  remind();
  expect_complete(*world);
}

TEST_F(reminders_systest, a_primary_that_was_away_is_followed_again) {
  const auto before = remind();
  world->kill_node("reminders-americas");
  for (const auto& replica : replicas) {
    EXPECT_EQ(world->connect(replica, "meridian_adhoc").text("SELECT count(*) > 0 FROM Reminder"), "t")
        << "a replica answers readers without its primary";
  }
  world->up();
  EXPECT_EQ(world->sql("127.0.0.4", count_of(before)), "1");
  const auto after = remind();
  for (const auto& replica : replicas) {
    world->expect_soon(replica, count_of(after), "1");
  }
  expect_complete(*world);
}

TEST_F(reminders_systest, a_frozen_replica_does_not_hold_up_the_primary) {
  world->freeze_node("reminders-asia");
  const auto begin = std::chrono::steady_clock::now();
  const auto id = remind();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
  world->expect_soon("reminders-europe", count_of(id), "1");
  world->thaw_node("reminders-asia");
  world->expect_soon("reminders-asia", count_of(id), "1");
}

TEST_F(reminders_systest, a_paused_replica_waits_for_the_word) {
  const std::vector<std::string> way{"--from", "reminders-americas", "--to", "reminders-asia"};
  const auto replication = [&](const std::string& verb) {
    const auto ended = world->run({"replication", verb, way[0], way[1], way[2], way[3]});
    EXPECT_EQ(ended.exit_code, 0) << ended.said();
  };
  replication("pause");
  const auto id = remind();
  world->expect_soon("reminders-europe", count_of(id), "1");
  auto here = world->connect("reminders-asia");
  EXPECT_FALSE(wait_until([&] { return here.text(count_of(id)) == "1"; }, 1s));
  const auto shown = world->run({"replication", "show"});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_THAT(shown.output, testing::ContainsRegex("reminders-asia +streaming +paused"));
  EXPECT_THAT(shown.output, testing::ContainsRegex("reminders-europe +streaming +streaming"));
  replication("resume");
  world->expect_soon("reminders-asia", count_of(id), "1");
  expect_complete(*world);
}

TEST_F(reminders_systest, up_tells_running_nodes_what_the_topology_says_now) {
  const auto waited_for = [&] { return world->connect("reminders-americas").text("SHOW synchronous_standby_names"); };
  const auto started = world->postmaster_of("reminders-americas");
  EXPECT_EQ(waited_for(), "ANY 1 (reminders_europe, reminders_asia)");
  world->edit("# synchronous = false", "synchronous = false");
  world->up();
  EXPECT_TRUE(wait_until([&] { return waited_for().empty(); })) << waited_for();
  world->edit("synchronous = false", "# synchronous = false");
  world->up();
  EXPECT_TRUE(wait_until([&] { return !waited_for().empty(); }));
  EXPECT_EQ(world->postmaster_of("reminders-americas"), started) << "without a restart";
}

TEST_F(reminders_systest, the_way_to_the_primary_holds_no_password) {
  for (const auto& replica : replicas) {
    const auto conninfo = world->connect(replica).text("SHOW primary_conninfo");
    EXPECT_THAT(conninfo, HasSubstr("127.0.0.4"));
    EXPECT_THAT(conninfo, HasSubstr("passfile="));
    EXPECT_THAT(conninfo, Not(HasSubstr("password=")));
    EXPECT_THAT(conninfo, Not(HasSubstr(world->password_of("meridian_replication"))));
    const auto file = read_text(world->data_directory(replica) / "postgresql.auto.conf");
    EXPECT_THAT(file, Not(HasSubstr(world->password_of("meridian_replication"))));
  }
}

}  // namespace
}  // namespace meridian::test
