// Statuses as people see them: over HTTP at three regions' doors and by SQL on both clusters; through a cut between the
// clusters and the loss of one. The clients hold each answer against the OpenAPI document.
#include <array>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/http_client.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr auto password = "a password for the sample company";

// MERIDIAN_CUT_S lengthens the cut: 60 is what a release is tried with.
std::chrono::seconds cut_duration() {
  const char* chosen = std::getenv("MERIDIAN_CUT_S");
  return std::chrono::seconds(chosen == nullptr ? 8 : std::atoi(chosen));
}

// "" for null.
std::string text_in(const json::value& object, std::string_view name) {
  const auto& found = object.at(name);
  return found.is_string() ? std::string(found.as_string()) : "";
}

// "5 Busy", "8 none": what a list shows.
std::vector<std::string> words_in(const http_reply& list) {
  std::vector<std::string> words;
  EXPECT_EQ(list.status, 200) << list.body;
  const auto answer = list.json();
  for (const auto& one : answer.at("items").as_array()) {
    const auto word = text_in(one, "status");
    words.push_back(fmt::format("{} {}", text_in(one, "profile_id"), word.empty() ? "none" : word));
  }
  return words;
}

// Somebody who is signed in.
struct person {
  int id;
  std::unique_ptr<http_client> client;

  std::string path() const { return fmt::format("/v1/profiles/{}/status", id); }

  http_reply set(const json::object& wanted) const { return client->put(path(), wanted); }

  json::value status() const {
    const auto answer = client->get(path());
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json();
  }
};

class status_service_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"geo", "status"});
    const auto ended = world->run({"up"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
  }
  static void TearDownTestSuite() { world.reset(); }

  static person sign_in(const std::string& region, int id, const std::string& email) {
    person made{id, std::make_unique<http_client>("127.0.0.1", world->serve_port(region))};
    const auto answer = made.client->sign_in(email, password);
    EXPECT_EQ(answer.status, 201) << email << ": " << answer.body;
    return made;
  }

  static void replication(const std::string& verb, const std::string& from, const std::string& to) {
    const auto ended = world->run({"replication", verb, "--from", from, "--to", to});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
  }
  static void both_ways(const std::string& verb) {
    replication(verb, "status-americas", "status-europe");
    replication(verb, "status-europe", "status-americas");
  }

  static std::string rows_of(const std::string& node) {
    return world->connect(node, "meridian_service").text("SELECT * FROM status ORDER BY profile_id");
  }
  static bool is_equal() { return rows_of("status-americas") == rows_of("status-europe"); }

  // The texts that a text lost against, as one door tells.
  static std::set<std::string> winners_over(http_client& door, const std::string& lost) {
    std::set<std::string> winners;
    std::string cursor;
    do {
      const auto page = door.get("/v1/statuses/conflicts?limit=200" + cursor);
      EXPECT_EQ(page.status, 200) << page.body;
      const auto list = page.json();
      for (const auto& one : list.at("items").as_array()) {
        if (text_in(one.at("loser"), "text") == lost) {
          EXPECT_NE(text_in(one.at("winner"), "cluster"), text_in(one.at("loser"), "cluster"));
          winners.insert(text_in(one.at("winner"), "text"));
        }
      }
      const auto next = text_in(list, "next_cursor");
      cursor = next.empty() ? "" : "&cursor=" + next;
    } while (!cursor.empty());
    return winners;
  }

  static json::value readiness(const std::string& region) {
    const auto answer = http_client("127.0.0.1", world->serve_port(region)).get("/readyz");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json();
  }

  static inline std::unique_ptr<local_topology> world;
};

TEST_F(status_service_systest, the_walk_is_seen_over_http) {
  const auto jessica = sign_in("asia", 3, "jbrown@shopify.com");
  EXPECT_EQ(text_in(jessica.status(), "status"), "");
  world->sql("127.0.0.8", "INSERT INTO Status (profile_id, status) VALUES (3, 'Busy')");
  EXPECT_EQ(text_in(jessica.status(), "status"), "Busy");
  EXPECT_EQ(jessica.client->get(jessica.path()).header("Meridian-Served-From"), "status-europe");
  world->expect_soon("status-americas", "SELECT status FROM Status WHERE profile_id = 3", "Busy");
  world->sql("127.0.0.7", "UPDATE Status SET status = 'Active' WHERE profile_id = 3");
  EXPECT_TRUE(wait_until([&] { return text_in(jessica.status(), "status") == "Active"; }));
  const auto at_home = sign_in("americas", 3, "jbrown@shopify.com");
  EXPECT_EQ(text_in(at_home.status(), "status"), "Active");
  EXPECT_EQ(at_home.client->get(at_home.path()).header("Meridian-Served-From"), "status-americas");
}

TEST_F(status_service_systest, a_status_is_set_cleared_and_ends_by_itself) {
  const auto mark = sign_in("americas", 1, "msmith@apache.org");
  const auto set =
      mark.set({{"status", "In a Meeting"}, {"text", "Planning"}, {"emoji", "📅"}, {"expires_in_s", 3600}});
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(text_in(set.json(), "status"), "In a Meeting");
  EXPECT_NE(text_in(set.json(), "expires_at"), "");
  world->expect_soon(
      "status-europe", "SELECT status, text, emoji FROM Status WHERE profile_id = 1", "In a Meeting|Planning|📅"
  );
  EXPECT_EQ(mark.client->remove(mark.path()).status, 204);
  EXPECT_EQ(text_in(mark.status(), "status") + text_in(mark.status(), "text"), "");
  ASSERT_EQ(mark.set({{"text", "Back in a moment"}, {"expires_in_s", 3}}).status, 200);
  EXPECT_EQ(text_in(mark.status(), "text"), "Back in a moment");
  EXPECT_TRUE(wait_until([&] { return text_in(mark.status(), "text").empty(); }, 8s));
  EXPECT_EQ(mark.set({{"status", "Sleeping"}}).status, 400);
  EXPECT_EQ(mark.set({{"status", "Busy"}, {"expires_at", "2020-01-01T00:00:00Z"}}).status, 400);
}

TEST_F(status_service_systest, notifications_are_paused_beside_the_status) {
  const auto mark = sign_in("americas", 1, "msmith@apache.org");
  ASSERT_EQ(mark.set({{"status", "Busy"}}).status, 200);
  const auto paused = mark.client->put("/v1/profiles/1/notifications/pause", json::object{{"expires_in_s", 600}});
  ASSERT_EQ(paused.status, 200) << paused.body;
  EXPECT_NE(text_in(paused.json(), "notifications_paused_until"), "");
  EXPECT_EQ(text_in(paused.json(), "status"), "Busy");
  EXPECT_EQ(mark.client->remove("/v1/profiles/1/notifications/pause").status, 204);
  EXPECT_EQ(text_in(mark.status(), "notifications_paused_until"), "");
}

TEST_F(status_service_systest, people_see_those_of_their_workspaces_and_set_their_own) {
  const auto jonas = sign_in("europe", 5, "jonas_fischer@gmail.com");
  const auto li = sign_in("asia", 8, "shoimingli@apache.org");
  ASSERT_EQ(jonas.set({{"status", "Vacationing"}}).status, 200);
  ASSERT_EQ(li.set({{"status", "Busy"}}).status, 200);
  EXPECT_THAT(
      words_in(jonas.client->get("/v1/statuses?profile_ids=8,5,3,424242,9")),
      ElementsAre("8 Busy", "5 Vacationing", "9 none")
  );
  EXPECT_EQ(jonas.client->get("/v1/profiles/3/status").status, 404) << "of another company";
  EXPECT_EQ(jonas.client->put("/v1/profiles/8/status", json::object{{"status", "Active"}}).status, 404);
  EXPECT_EQ(jonas.client->get("/v1/statuses").status, 400);
  const auto venkat = sign_in("asia", 9, "vsharma@techmahindra.com");
  EXPECT_THAT(words_in(venkat.client->get("/v1/statuses?profile_ids=10,8")), ElementsAre("10 none", "8 Busy"))
      << "of the workspaces of two continents";
}

TEST_F(status_service_systest, everybody_in_a_channel_is_read_at_once) {
  const auto jonas = sign_in("europe", 5, "jonas_fischer@gmail.com");
  const auto mark = sign_in("americas", 1, "msmith@apache.org");
  ASSERT_EQ(jonas.set({{"status", "Vacationing"}}).status, 200);
  ASSERT_EQ(mark.set({{"status", "Out Sick"}}).status, 200);
  world->expect_soon("status-europe", "SELECT status FROM Status WHERE profile_id = 1", "Out Sick");
  const auto channel = mark.client->post("/v1/workspaces/1/channels", json::object{{"name", "statuses"}});
  ASSERT_EQ(channel.status, 201) << channel.body;
  const auto path = "/v1/channels/" + text_in(channel.json(), "id");
  ASSERT_EQ(mark.client->put(path + "/members/5").status, 204);
  EXPECT_THAT(words_in(jonas.client->get(path + "/statuses")), ElementsAre("1 Out Sick", "5 Vacationing"));
  const auto first = jonas.client->get(path + "/statuses?limit=1");
  EXPECT_THAT(words_in(first), ElementsAre("1 Out Sick"));
  EXPECT_THAT(
      words_in(jonas.client->get(path + "/statuses?limit=1&cursor=" + text_in(first.json(), "next_cursor"))),
      ElementsAre("5 Vacationing")
  );
  const auto jessica = sign_in("americas", 3, "jbrown@shopify.com");
  EXPECT_EQ(jessica.client->get(path + "/statuses").status, 404);
}

// Four people write at two doors each, of which neither hears of the other; then both clusters agree.
TEST_F(status_service_systest, both_clusters_serve_through_a_cut_and_agree_after_it) {
  std::vector<std::array<person, 2>> people;
  const std::pair<int, const char*> everybody[] = {
      {1, "msmith@apache.org"},
      {5, "jonas_fischer@gmail.com"},
      {8, "shoimingli@apache.org"},
      {9, "vsharma@techmahindra.com"}
  };
  for (const auto& [id, email] : everybody) {
    people.push_back({sign_in("americas", id, email), sign_in("europe", id, email)});
  }
  both_ways("pause");
  std::map<int, std::array<std::string, 2>> last;  // what each door acknowledged last
  const auto end = std::chrono::steady_clock::now() + cut_duration();
  for (int number = 0; std::chrono::steady_clock::now() < end; ++number) {
    const auto& doors = people[static_cast<std::size_t>(number) % people.size()];
    const auto side = static_cast<std::size_t>(number / 3 % 2);
    const auto text = fmt::format("number {} at door {}", number, side);
    const auto answer = doors[side].set({{"status", "Busy"}, {"text", text}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_EQ(answer.header("Meridian-Served-From"), side == 0 ? "status-americas" : "status-europe");
    ASSERT_EQ(text_in(doors[side].status(), "text"), text) << "what one wrote one reads";
    last[doors[side].id][side] = text;
  }
  EXPECT_FALSE(is_equal());
  const auto healing = std::chrono::steady_clock::now();
  both_ways("resume");
  const auto healed = std::chrono::steady_clock::now();
  ASSERT_TRUE(wait_until(is_equal));
  const auto agreed = std::chrono::steady_clock::now();
  fmt::print("resumed in {} ms, equal {} ms after that\n", (healed - healing) / 1ms, (agreed - healed) / 1ms);
  EXPECT_LT(agreed - healed, 2s);
  for (const auto& doors : people) {
    const auto stays = text_in(doors[0].status(), "text");
    EXPECT_EQ(text_in(doors[1].status(), "text"), stays);
    const auto& written = last[doors[0].id];
    const auto& lost = stays == written[0] ? written[1] : written[0];
    EXPECT_TRUE(stays == written[0] || stays == written[1]) << stays;
    // Both sides tell that it lost: to what stays, or to what that replaced.
    const auto winners_here = winners_over(*doors[0].client, lost);
    const auto winners_there = winners_over(*doors[1].client, lost);
    EXPECT_THAT(winners_here, Not(IsEmpty())) << lost;
    EXPECT_THAT(winners_there, Not(IsEmpty())) << lost;
    EXPECT_TRUE(winners_here.contains(stays) || winners_there.contains(stays)) << stays << " over " << lost;
  }
}

TEST_F(status_service_systest, the_other_cluster_serves_while_the_closest_is_down_and_nothing_is_lost) {
  const auto jonas = sign_in("europe", 5, "jonas_fischer@gmail.com");
  const auto li = sign_in("asia", 8, "shoimingli@apache.org");
  EXPECT_THAT(readiness("europe").at("degraded").as_array(), IsEmpty());
  // Acknowledged by the cluster that dies, and not yet known elsewhere.
  replication("pause", "status-europe", "status-americas");
  ASSERT_EQ(li.set({{"text", "Just before"}}).header("Meridian-Served-From"), "status-europe");
  world->kill_node("status-europe");
  std::string last;
  for (int number = 0; number < 20; ++number) {
    last = fmt::format("While it is down {}", number);
    const auto answer = jonas.set({{"status", "Busy"}, {"text", last}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_EQ(answer.header("Meridian-Served-From"), "status-americas");
  }
  EXPECT_EQ(text_in(jonas.status(), "text"), last);
  // The process is ready all the same, and what is not about statuses does not notice. Each lane learns by itself.
  EXPECT_TRUE(wait_until([&] { return !readiness("europe").at("degraded").as_array().empty(); }));
  EXPECT_EQ(text_in(readiness("europe"), "status"), "ready");
  EXPECT_EQ(jonas.client->get("/v1/workspaces").status, 200);

  const auto restarted = world->run({"up"});
  ASSERT_EQ(restarted.exit_code, 0) << restarted.said();
  replication("resume", "status-europe", "status-americas");
  ASSERT_TRUE(wait_until(is_equal));
  const auto text_of = [](const person& who) { return text_in(who.status(), "text"); };
  EXPECT_TRUE(wait_until([&] {
    return jonas.client->get(jonas.path()).header("Meridian-Served-From") == "status-europe" && text_of(jonas) == last;
  }));
  EXPECT_EQ(text_of(li), "Just before");
  world->expect_soon("status-americas", "SELECT text FROM Status WHERE profile_id = 8", "Just before");
  EXPECT_TRUE(wait_until([&] { return readiness("europe").at("degraded").as_array().empty(); }));
}

// Both clusters down: requests about statuses say so at once, and nothing else changes.
TEST_F(status_service_systest, without_any_cluster_only_statuses_are_missing) {
  const auto mark = sign_in("americas", 1, "msmith@apache.org");
  world->kill_node("status-europe");
  world->kill_node("status-americas");
  EXPECT_TRUE(wait_until([&] { return mark.client->get(mark.path()).status == 503; }));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(mark.client->get(mark.path()).status, 503);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
  EXPECT_EQ(mark.client->post("/v1/channels/1/messages", json::object{{"text", "Still here"}}).status, 201);
  EXPECT_EQ(text_in(readiness("americas"), "status"), "ready");
  const auto restarted = world->run({"up"});
  ASSERT_EQ(restarted.exit_code, 0) << restarted.said();
  EXPECT_TRUE(wait_until([&] { return mark.client->get(mark.path()).status == 200; }));
}

}  // namespace
}  // namespace meridian::test
