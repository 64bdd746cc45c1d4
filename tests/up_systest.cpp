// Bringing a topology up and down: from nothing, again, interrupted, side by side, by hand.
#include <chrono>
#include <cstdlib>
#include <memory>
#include <random>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/complete.hpp"
#include "support/http_client.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto password = "a password for the sample company";

class up_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>();
    const auto begin = std::chrono::steady_clock::now();
    world->up();
    up_duration = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
  }
  static void TearDownTestSuite() { world.reset(); }

  static std::unique_ptr<local_topology> world;
  static milliseconds up_duration;  // from nothing
};

std::unique_ptr<local_topology> up_systest::world;
milliseconds up_systest::up_duration;

TEST_F(up_systest, up_makes_everything) {
  expect_complete(*world);
  const auto shape = shape_of(*world);
  for (const auto* part : {"message_asia", "identity.account", "status_pkey", "reminder", "from_status_europe"}) {
    EXPECT_THAT(shape, HasSubstr(part));
  }
}

TEST_F(up_systest, a_second_up_changes_nothing) {
  auto here = world->connect("geo-europe", "meridian_adhoc");
  here.text("DELETE FROM WorkspaceProfile WHERE workspace_id = 4 AND profile_id = 7");
  here.text("DELETE FROM Profile WHERE id = 7 AND country = 'China'");
  here.text("UPDATE Workspace SET name = 'SAP SE' WHERE id = 3 AND country = 'Germany'");
  const auto facts = [] {
    auto found = shape_of(*world) + read_text(world->state_directory() / "agent.pid");
    for (const auto& node : world->nodes()) {
      auto node_session = world->connect(node);
      found += fmt::format("\n{} {}", node, node_session.text("SELECT pg_postmaster_start_time()::text"));
      found += node_session.text(
          "SELECT coalesce(string_agg(name || applied_at, ' ' ORDER BY name), '') FROM meridian.migration"
      );
      found += node_session.text("SELECT system_identifier::text FROM pg_control_system()");
    }
    return found;
  };
  const auto before = facts();
  world->up();
  EXPECT_EQ(facts(), before);
  EXPECT_EQ(here.text(sample_counts), "9|5|10|8|17") << "a sample row that was deleted came back";
  EXPECT_EQ(here.text("SELECT name FROM Workspace WHERE id = 3"), "SAP SE");
  here.text(
      "INSERT INTO Profile (id, full_name, email, country) VALUES (7, 'Shoi-ming Li', 'back@example.com', 'China')"
  );
  here.text("INSERT INTO WorkspaceProfile VALUES (4, 7, 'China')");
  here.text("INSERT INTO channel_member (channel_id, profile_id, country) VALUES (5, 7, 'China'), (6, 7, 'China')");
}

TEST_F(up_systest, down_keeps_the_data) {
  world->sql(
      "127.0.0.1", "INSERT INTO Message (channel_id, sender_id, message, country) VALUES (4, 4, 'kept', 'Germany')"
  );
  const auto down = world->run({"down"});
  EXPECT_EQ(down.exit_code, 0) << down.said();
  EXPECT_THAT(down.output, HasSubstr(world->state_directory().string()));
  EXPECT_EQ(world->processes(), "");
  EXPECT_EQ(world->run({"down"}).exit_code, 0) << "a second down is fine";
  EXPECT_EQ(world->run({"status"}).exit_code, 1);
  world->up();
  expect_complete(*world);
  EXPECT_EQ(world->sql("127.0.0.3", "SELECT message FROM Message WHERE channel_id = 4"), "kept");
}

TEST_F(up_systest, nothing_is_erased_without_a_word) {
  const auto down = world->run({"down", "--erase"});
  EXPECT_EQ(down.exit_code, 1);
  EXPECT_THAT(down.errors, HasSubstr("--yes"));
  EXPECT_EQ(world->run({"status"}).exit_code, 0) << "it still runs";
}

TEST_F(up_systest, two_topologies_live_side_by_side) {
  local_topology other({"geo"});
  const auto said = other.up({"--empty"});
  expect_complete(other, false);
  other.sql(
      "127.0.0.2", "INSERT INTO Workspace (name, url, country) VALUES ('Other', 'https://other.example', 'France')"
  );
  EXPECT_EQ(other.sql("127.0.0.3", "SELECT name FROM Workspace"), "Other");
  EXPECT_EQ(world->sql("127.0.0.3", "SELECT count(*) FROM Workspace"), "5");
  other.up();
  EXPECT_EQ(other.sql("127.0.0.1", "SELECT count(*) FROM Workspace"), "1") << "--empty is remembered";
  other.take_down();
  expect_complete(*world);
}

TEST_F(up_systest, two_ups_at_once_do_not_disturb_each_other) {
  local_topology fresh({"geo", "reminders"});
  child first(fresh.command({"up"}));
  child second(fresh.command({"up"}));
  const outcome ended[] = {first.wait(), second.wait()};
  for (const auto& one : ended) {
    EXPECT_THAT(one.exit_code, AnyOf(0, 1)) << one.said();
    if (one.exit_code == 1) {
      EXPECT_THAT(one.errors, HasSubstr("another meridian command is changing this topology"));
      EXPECT_THAT(one.errors, HasSubstr("try again"));
    }
  }
  EXPECT_TRUE(ended[0].exit_code == 0 || ended[1].exit_code == 0);
  expect_complete(fresh);
}

// Until the schema is there a request is told so, and nothing else is hindered; afterwards the same process serves it.
TEST(manual_systest, what_is_not_set_up_says_so_through_the_door) {
  local_topology world;
  const auto begun = world.run({"up", "--manual-replication"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
  ASSERT_EQ(begun.exit_code, 0) << begun.said();
  http_client jonas("127.0.0.1", world.serve_port("europe"));
  jonas.sign_in("jonas_fischer@gmail.com", password);
  const auto set_status = [&] { return jonas.put("/v1/profiles/5/status", json::object{{"status", "Busy"}}); };
  const auto remind = [&] { return jonas.post("/v1/reminders", json::object{{"text", "x"}, {"when", "tomorrow"}}); };
  for (const auto& refused :
       {set_status(), remind(), jonas.get("/v1/statuses?profile_ids=5"), jonas.get("/v1/statuses/conflicts"),
        jonas.get("/v1/reminders")}) {
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_THAT(refused.body, HasSubstr("urn:meridian:error:unprepared"));
    EXPECT_THAT(refused.body, HasSubstr("meridian apply"));
    EXPECT_THAT(refused.body, Not(HasSubstr("relation"))) << "tables are nobody's business";
  }
  const auto readiness = [&] { return jonas.get("/readyz"); };
  EXPECT_TRUE(wait_until([&] { return readiness().json().at("degraded").as_array().size() == 2; })) << readiness().body;
  EXPECT_EQ(readiness().status, 200);
  EXPECT_EQ(jonas.post("/v1/channels/1/messages", json::object{{"text", "goes on"}}).status, 201);

  EXPECT_EQ(world.run({"apply"}).exit_code, 0);
  EXPECT_TRUE(wait_until([&] { return set_status().status == 200; })) << set_status().body;
  EXPECT_TRUE(wait_until([&] { return remind().status == 201; })) << remind().body;
  EXPECT_TRUE(wait_until([&] { return readiness().json().at("degraded").as_array().empty(); })) << readiness().body;
  EXPECT_EQ(jonas.get("/v1/statuses?profile_ids=5").status, 200);
}

TEST(manual_systest, the_deployments_2_and_3_can_be_set_up_by_hand) {
  local_topology world;
  world.up({"--manual-replication"});
  const std::string tables = "SELECT coalesce(to_regclass('reminder')::text, to_regclass('status')::text, 'none')";
  for (const auto* node : {"127.0.0.4", "127.0.0.5", "127.0.0.7", "127.0.0.8"}) {
    EXPECT_EQ(world.sql(node, tables), "none") << node;
  }
  EXPECT_EQ(world.sql("127.0.0.2", sample_counts), sample_company);
  EXPECT_THAT(world.run({"replication", "list"}).output, HasSubstr("no tables yet"));
  const auto early = world.run({"replication", "setup", "--from", "status-americas", "--to", "status-europe"});
  EXPECT_EQ(early.exit_code, 1);
  EXPECT_THAT(early.errors, HasSubstr("meridian apply --deployment status"));

  EXPECT_EQ(world.run({"apply", "--deployment", "reminders"}).exit_code, 0);
  world.expect_soon("reminders-europe", tables, "reminder");
  world.expect_soon("reminders-asia", tables, "reminder");
  world.sql(
      "127.0.0.4", "INSERT INTO Reminder (profile_id, message_id, notify_at) VALUES (5, 1, now() + interval '1 day')"
  );
  world.expect_soon("reminders-asia", "SELECT profile_id, message_id FROM Reminder", "5|1");

  EXPECT_EQ(world.run({"apply", "--deployment", "status"}).exit_code, 0);
  const auto list = json::parse(world.run({"replication", "list", "--json"}).output);
  int tables_listed = 0;
  for (const auto& cluster : list.as_array()) {
    EXPECT_EQ(cluster.at("universe_id").as_string().size(), 36U);
    for (const auto& table : cluster.at("tables").as_array()) {
      EXPECT_EQ(table.at("name"), "status");
      EXPECT_EQ(table.at("id").as_string().size(), 32U);
      ++tables_listed;
    }
  }
  EXPECT_EQ(tables_listed, 2);

  const auto one_way = world.run({"replication", "setup", "--from", "127.0.0.8", "--to", "127.0.0.7"});
  EXPECT_EQ(one_way.exit_code, 0) << one_way.said();
  world.sql("127.0.0.8", "INSERT INTO Status (profile_id, status) VALUES (3, 'Busy')");
  world.expect_soon("status-americas", "SELECT profile_id, status FROM Status", "3|Busy");
  const auto back = world.run({"replication", "setup", "--from", "127.0.0.7", "--to", "127.0.0.8"});
  EXPECT_EQ(back.exit_code, 0) << back.said();
  world.sql("127.0.0.7", "UPDATE Status SET status = 'Active' WHERE profile_id = 3");
  world.expect_soon("status-europe", "SELECT profile_id, status FROM Status", "3|Active");
  EXPECT_EQ(world.run({"replication", "setup", "--from", "127.0.0.7", "--to", "127.0.0.8"}).exit_code, 0);

  world.up();  // what was done by hand is what up does
  expect_complete(world);
}

// The seed of this run, or the one of a run to be repeated.
unsigned chosen_seed() {
  const char* given = std::getenv("MERIDIAN_TEST_SEED");
  return given == nullptr ? std::random_device()() : static_cast<unsigned>(std::stoul(given));
}

TEST_F(up_systest, an_up_that_is_killed_is_finished_by_the_next) {
  constexpr int kills = 10;
  const auto seed = chosen_seed();
  fmt::print("MERIDIAN_TEST_SEED={}, up takes {} ms\n", seed, up_duration.count());
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> within(0, 1);
  const auto reference = shape_of(*world);
  int interrupted = 0;
  for (int i = 0; i < kills; ++i) {
    const milliseconds moment(static_cast<int>((i + within(random)) / kills * static_cast<double>(up_duration.count()))
    );
    SCOPED_TRACE(fmt::format("killed after {} ms, seed {}", moment.count(), seed));
    local_topology fresh;
    child running(fresh.command({"up"}));
    interrupted += wait_until([&] { return !running.is_running(); }, moment) ? 0 : 1;
    fresh.kill_command(running);
    fresh.up();
    expect_complete(fresh);
    EXPECT_EQ(shape_of(fresh), reference);
  }
  EXPECT_GE(interrupted, kills / 2) << "up became too quick for this test";
}

}  // namespace
}  // namespace meridian::test
