// The geo console's buttons on a real topology: what is killed by HTTP is seen within seconds, and heals by HTTP, also
// when it is the very region that knows who presses them.
#include <memory>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/complete.hpp"
#include "support/http_client.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto password = "a password of the tests";

class console_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>();
    const auto ended = world->run({"up"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
  }
  static void TearDownTestSuite() { world.reset(); }

  // Mark Smith (USA), at the process that serves Europe.
  console_systest() : client("127.0.0.1", world->serve_port("europe")) {
    client.sign_in("msmith@apache.org", password);
    const auto lab = client.get("/v1/lab");
    EXPECT_EQ(lab.status, 200) << lab.body;
    permit = lab.json().at("token").as_string().c_str();
    client.set_patience(80s);
  }

  header_fields with_permit() const { return {{"Meridian-Lab-Token", permit}}; }

  void press(const std::string& path) {
    const auto pressed = client.ask("POST", "/v1/lab/" + path, "", with_permit());
    EXPECT_EQ(pressed.status, 204) << path << ": " << pressed.body;
  }

  boost::json::value health() {
    const auto answer = client.get("/v1/topology/health", with_permit());
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json();
  }

  bool is_reachable(const std::string& name) {
    const auto now = health();
    for (const auto& node : now.at("nodes").as_array()) {
      if (node.at("name").as_string() == name) {
        return node.at("is_reachable").as_bool();
      }
    }
    ADD_FAILURE() << name << " is not there";
    return false;
  }

  std::string state_of(const std::string& from, const std::string& to) {
    const auto now = health();
    for (const auto& link : now.at("links").as_array()) {
      if (link.at("from").as_string() == from && link.at("to").as_string() == to) {
        return link.at("state").as_string().c_str();
      }
    }
    return "missing";
  }

  static inline std::unique_ptr<local_topology> world;
  http_client client;
  std::string permit;
};

TEST_F(console_systest, a_killed_node_is_seen_within_three_seconds_and_starts_again) {
  for (const std::string node : {"geo-asia", "reminders-europe", "status-americas"}) {
    ASSERT_TRUE(is_reachable(node));
    press("nodes/" + node + "/kill");
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(wait_until([&] { return !is_reachable(node); }, 3s)) << node;
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 3s) << node;
    EXPECT_FALSE(world->postmaster_of(node)) << node;
    EXPECT_EQ(client.ask("POST", "/v1/lab/nodes/" + node + "/kill", "", with_permit()).status, 409);
    press("nodes/" + node + "/start");
    EXPECT_TRUE(wait_until([&] { return is_reachable(node); }, 10s)) << node;
  }
  EXPECT_TRUE(wait_until([&] { return state_of("reminders-americas", "reminders-europe") == "running"; }, 15s));
  EXPECT_TRUE(wait_until([&] { return state_of("status-europe", "status-americas") == "running"; }, 30s));
}

// Mark's session rests in the Americas: with its node dead nobody can say who he is.
TEST_F(console_systest, the_own_region_can_be_brought_back) {
  press("nodes/geo-americas/kill");
  EXPECT_TRUE(wait_until([&] { return client.get("/v1/profiles/me").status == 503; }, 10s));
  EXPECT_TRUE(wait_until([&] { return !is_reachable("geo-americas"); }, 4s));
  press("nodes/geo-americas/start");
  EXPECT_TRUE(wait_until([&] { return is_reachable("geo-americas"); }, 10s));
  EXPECT_TRUE(wait_until([&] { return client.get("/v1/profiles/me").status == 200; }, 15s));
}

TEST_F(console_systest, a_frozen_node_thaws) {
  press("nodes/geo-asia/freeze");
  EXPECT_TRUE(wait_until([&] { return !is_reachable("geo-asia"); }, 4s));
  press("nodes/geo-asia/thaw");
  EXPECT_TRUE(wait_until([&] { return is_reachable("geo-asia"); }, 4s));
}

TEST_F(console_systest, a_cut_link_holds_changes_back_until_it_heals) {
  press("links/status-europe/status-americas/cut");
  press("links/reminders-americas/reminders-asia/cut");
  world->sql("status-europe", "INSERT INTO Status (profile_id, status) VALUES (3, 'Busy')");
  EXPECT_TRUE(wait_until([&] { return state_of("status-europe", "status-americas") == "down"; }, 5s));
  EXPECT_TRUE(wait_until([&] { return state_of("reminders-americas", "reminders-asia") == "paused"; }, 5s));
  EXPECT_EQ(world->sql("status-americas", "SELECT count(*) FROM Status WHERE profile_id = 3"), "0");
  press("links/status-europe/status-americas/heal");
  press("links/reminders-americas/reminders-asia/heal");
  world->expect_soon("status-americas", "SELECT status FROM Status WHERE profile_id = 3", "Busy");
  EXPECT_TRUE(wait_until([&] { return state_of("status-europe", "status-americas") == "running"; }, 5s));
  EXPECT_TRUE(wait_until([&] { return state_of("reminders-americas", "reminders-asia") == "running"; }, 5s));
  const auto nothing = client.ask("POST", "/v1/lab/links/geo-asia/geo-europe/cut", "", with_permit());
  EXPECT_EQ(nothing.status, 400) << nothing.body;
}

// After all of it, nothing of the product is missing.
TEST_F(console_systest, the_topology_is_whole_again) {
  expect_complete(*world);
}

}  // namespace
}  // namespace meridian::test
