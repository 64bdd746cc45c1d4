// What `curl -s http://127.0.0.1:7000/cluster-config` answers, and the process that answers it.
#include <csignal>
#include <memory>
#include <set>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/complete.hpp"
#include "support/http_get.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

const std::string speakers[] = {"127.0.0.1", "127.0.0.4", "127.0.0.7", "127.0.0.8"};

class cluster_config_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>();
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  static http_answer get(const std::string& address, const std::string& target = "/cluster-config") {
    return http_get(address, world->http_port(), target);
  }

  static json::object config_of(const std::string& address) {
    const auto answer = get(address);
    EXPECT_EQ(answer.status, 200) << address;
    EXPECT_EQ(answer.content_type, "application/json") << address;
    boost::system::error_code malformed;
    auto config = json::parse(answer.body, malformed);
    EXPECT_FALSE(malformed) << answer.body;
    return config.is_object() ? config.as_object() : json::object();
  }

  // "geo-asia 127.0.0.3 aws.ap-south-1.ap-south-1a primary", one of each node.
  static std::set<std::string> nodes_of(const json::object& config) {
    std::set<std::string> nodes;
    for (const auto& node : config.at("nodes").as_array()) {
      const auto text = [](const json::value& value) { return std::string(value.as_string()); };
      const auto& place = node.at("cloud_info");
      nodes.insert(fmt::format(
          "{} {} {}.{}.{} {}", text(node.at("name")), text(node.at("address")), text(place.at("placement_cloud")),
          text(place.at("placement_region")), text(place.at("placement_zone")), text(node.at("role"))
      ));
      EXPECT_EQ(node.at("port").as_int64(), world->sql_port());
    }
    return nodes;
  }

  static bool is_reachable(const std::string& speaker, std::string_view name) {
    const auto config = config_of(speaker);
    for (const auto& node : config.at("nodes").as_array()) {
      if (node.at("name").as_string() == name) {
        return node.at("reachable").as_bool();
      }
    }
    ADD_FAILURE() << speaker << " does not tell of " << name;
    return false;
  }

  static pid_t agent() { return std::stoi(read_text(world->state_directory() / "agent.pid")); }
  static bool agent_running() {
    return json::parse(world->run({"status", "--json"}).output).at("agent_running").as_bool();
  }

  static std::unique_ptr<local_topology> world;
};

std::unique_ptr<local_topology> cluster_config_systest::world;

TEST_F(cluster_config_systest, each_deployment_tells_its_nodes_and_their_places) {
  const auto geo = config_of("127.0.0.1");
  EXPECT_EQ(geo.at("deployment"), "geo");
  EXPECT_EQ(geo.at("kind"), "geo_partitioned");
  EXPECT_EQ(geo.at("replication_factor"), 1);
  EXPECT_EQ(geo.at("services"), (json::array{"profile", "messaging"}));
  EXPECT_EQ(
      nodes_of(geo), (std::set<std::string>{
                         "geo-americas 127.0.0.1 aws.us-west-1.us-west-1a primary",
                         "geo-europe 127.0.0.2 aws.eu-west-1.eu-west-1a primary",
                         "geo-asia 127.0.0.3 aws.ap-south-1.ap-south-1a primary",
                     })
  );
  EXPECT_EQ(geo.at("replication_info").at("live_replicas").at("placement_blocks").as_array().size(), 3U);
  const auto reminders = config_of("127.0.0.4");
  EXPECT_EQ(reminders.at("kind"), "read_replicas");
  EXPECT_EQ(
      nodes_of(reminders), (std::set<std::string>{
                               "reminders-americas 127.0.0.4 aws.us-west-1.us-west-1a primary",
                               "reminders-europe 127.0.0.5 aws.eu-west-1.eu-west-1a replica",
                               "reminders-asia 127.0.0.6 aws.ap-south-1.ap-south-1a replica",
                           })
  );
  EXPECT_EQ(reminders.at("replication_info").at("read_replicas").at(0).at("placement_blocks").as_array().size(), 2U);
}

TEST_F(cluster_config_systest, both_standalone_clusters_answer_with_ids_of_their_own) {
  const auto americas = config_of("127.0.0.7");
  const auto europe = config_of("127.0.0.8");
  EXPECT_EQ(americas.at("kind"), "bidirectional");
  EXPECT_EQ(
      nodes_of(americas), (std::set<std::string>{
                              "status-americas 127.0.0.7 aws.us-west-1.us-west-1a primary",
                              "status-europe 127.0.0.8 aws.eu-west-1.eu-west-1a primary",
                          })
  );
  EXPECT_EQ(nodes_of(europe), nodes_of(americas));
  std::set<std::string> universes;
  for (const auto& speaker : speakers) {
    universes.emplace(config_of(speaker).at("cluster_uuid").as_string());
  }
  EXPECT_EQ(universes.size(), 4U);
  EXPECT_EQ(europe.at("cluster_uuid").as_string(), world->sql("127.0.0.8", "SELECT id FROM meridian.universe"));
}

TEST_F(cluster_config_systest, nothing_else_is_there) {
  for (const auto& speaker : speakers) {
    for (const auto* target : {"/", "/cluster-configs", "/secrets/pgpass"}) {
      EXPECT_EQ(get(speaker, target).status, 404) << speaker << target;
    }
    for (const auto* target : {"/../secrets/pgpass", "/%2e%2e/secrets/pgpass"}) {
      EXPECT_EQ(get(speaker, target).status, 400) << speaker << target;
    }
  }
  for (const auto* silent : {"127.0.0.2", "127.0.0.3", "127.0.0.5", "127.0.0.6"}) {
    EXPECT_EQ(get(silent).status, 0) << silent << " is no deployment's first node";
  }
}

TEST_F(cluster_config_systest, a_dead_node_is_shown_as_such) {
  EXPECT_TRUE(is_reachable("127.0.0.4", "reminders-asia"));
  world->kill_node("reminders-asia");
  world->kill_node("status-europe");
  EXPECT_FALSE(is_reachable("127.0.0.4", "reminders-asia"));
  EXPECT_TRUE(is_reachable("127.0.0.4", "reminders-europe"));
  EXPECT_FALSE(is_reachable("127.0.0.7", "status-europe"));
  EXPECT_FALSE(is_reachable("127.0.0.8", "status-europe")) << "the node's address answers all the same";
  world->up();
  EXPECT_TRUE(is_reachable("127.0.0.4", "reminders-asia"));
  EXPECT_TRUE(is_reachable("127.0.0.8", "status-europe"));
}

TEST_F(cluster_config_systest, a_frozen_node_does_not_hold_up_the_answer) {
  world->freeze_node("geo-europe");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(is_reachable("127.0.0.1", "geo-europe"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  world->thaw_node("geo-europe");
  EXPECT_TRUE(wait_until([] { return is_reachable("127.0.0.1", "geo-europe"); }));
}

TEST_F(cluster_config_systest, an_agent_that_is_killed_is_started_again_by_up) {
  const auto killed = agent();
  ASSERT_TRUE(agent_running());
  ::kill(killed, SIGKILL);
  EXPECT_TRUE(wait_until([] { return !agent_running(); }));
  EXPECT_EQ(get("127.0.0.1").status, 0);
  EXPECT_THAT(world->run({"status"}).output, HasSubstr("agent: DOWN (meridian up starts it)"));
  world->up();
  EXPECT_TRUE(agent_running());
  EXPECT_NE(agent(), killed);
  EXPECT_EQ(config_of("127.0.0.1").at("deployment"), "geo");
}

TEST_F(cluster_config_systest, sigterm_ends_the_agent_in_good_order) {
  ASSERT_TRUE(agent_running());
  ::kill(agent(), SIGTERM);
  EXPECT_TRUE(wait_until([] { return !agent_running(); }));
  const auto log = read_text(world->state_directory() / "agent.log");
  EXPECT_THAT(log.substr(log.rfind('\n', log.size() - 2) + 1), HasSubstr("\"stopped\""));
  for (const auto& speaker : speakers) {
    EXPECT_EQ(get(speaker).status, 0);
  }
  EXPECT_EQ(world->run({"replication", "show"}).exit_code, 0) << "the nodes don't need it";
  world->up();
  expect_complete(*world);
}

}  // namespace
}  // namespace meridian::test
