// Reminders over HTTP at three regions: what one wrote is what one reads, what is due comes once, and the primary's
// death loses nothing that was acknowledged.
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/http_client.hpp"
#include "support/http_get.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto password = "a password for the sample company";
const std::string regions[] = {"americas", "europe", "asia"};
// One profile each, so that nobody asks too often.
const std::string people[] = {
    "msmith@apache.org", "jonas_fischer@gmail.com", "shoimingli@apache.org", "vsharma@techmahindra.com"
};

std::string text_in(const json::value& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

std::string in(std::chrono::milliseconds duration) {
  const auto at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now() + duration);
  return fmt::format("{:%FT%TZ}", at);
}

class reminders_service_systest : public testing::Test {
 protected:
  void SetUp() override {
    world_ = std::make_unique<local_topology>(std::vector<std::string>{"geo", "reminders"});
    const auto ended = world_->run({"up"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
  }

  std::unique_ptr<http_client> sign_in(const std::string& region, const std::string& email) const {
    auto person = std::make_unique<http_client>("127.0.0.1", world_->serve_port(region));
    const auto answer = person->sign_in(email, password);
    EXPECT_EQ(answer.status, 201) << email << ": " << answer.body;
    return person;
  }

  static json::value made(http_client& by, const json::object& wish, const header_fields& headers = {}) {
    const auto answer = by.post("/v1/reminders", wish, headers);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.json();
  }

  static std::vector<json::value> list(http_client& of, const std::string& query) {
    const auto answer = of.get("/v1/reminders" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<json::value> items;
    const auto body = answer.json();
    for (const auto& item : body.at("items").as_array()) {
      items.push_back(item);
    }
    return items;
  }

  // The primary now, as `meridian status` tells.
  std::string primary() const {
    const auto status = json::parse(world_->run({"status", "--json"}).output);
    for (const auto& node : status.at("nodes").as_array()) {
      const auto name = text_in(node, "name");
      if (name.starts_with("reminders") && node.at("reachable").as_bool() && text_in(node, "role") == "primary") {
        return name;
      }
    }
    return "";
  }

  std::unique_ptr<local_topology> world_;
};

// 1,000 of each replica region, half of them read at another region's process with the token.
TEST_F(reminders_service_systest, nobody_reads_less_than_he_wrote) {
  constexpr int count = 1000;
  for (const std::string region : {"europe", "asia"}) {
    const auto elsewhere = region == "asia" ? "europe" : "asia";
    std::vector<std::unique_ptr<http_client>> here;
    std::vector<std::unique_ptr<http_client>> there;
    for (const auto& person : people) {
      here.push_back(sign_in(region, person));
      there.push_back(sign_in(elsewhere, person));
    }
    int stale = 0;
    std::map<std::string, int> from;
    for (int n = 0; n < count; ++n) {
      auto& writer = *here[n % here.size()];
      const auto answer = writer.post("/v1/reminders", json::object{{"text", "r"}, {"at", in(1h)}});
      ASSERT_EQ(answer.status, 201) << answer.body;
      const auto path = "/v1/reminders/" + text_in(answer.json(), "id");
      const auto token = answer.header("Meridian-Reminders-Token");
      const auto read =
          n % 2 == 0 ? writer.get(path) : there[n % there.size()]->get(path, {{"Meridian-Reminders-Token", token}});
      stale += read.status == 200 ? 0 : 1;
      ++from[read.header("Meridian-Served-From")];
      const auto gone = writer.remove(path);
      ASSERT_EQ(gone.status, 204);
      if (n % 10 == 0) {
        EXPECT_EQ(writer.get(path).status, 404) << "what one deleted is gone";
      }
    }
    EXPECT_EQ(stale, 0) << "of " << count;
    for (const auto& [node, times] : from) {
      fmt::print("{}: {} of {} read-after-writes from {}\n", region, times, count, node);
    }
    EXPECT_LT(from["reminders-americas"], count / 5) << "the replicas should answer most of them";
  }
}

TEST_F(reminders_service_systest, people_are_reminded_of_what_they_wanted) {
  const auto mark = sign_in("americas", people[0]);
  const auto jonas = sign_in("europe", people[1]);
  const auto venkat = sign_in("asia", people[3]);
  // In words, and what was understood of them.
  const auto spoken = made(*jonas, {{"text", "call"}, {"when", "tomorrow at 9am"}, {"time_zone", "Europe/Berlin"}});
  EXPECT_THAT(text_in(spoken.at("understood"), "text"), HasSubstr("09:00 Europe/Berlin"));
  const auto wrong = jonas->post("/v1/reminders", json::object{{"text", "x"}, {"when", "when pigs fly"}});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(text_in(wrong.json(), "field"), "when");
  // A repeat is the first one.
  const header_fields key{{"Idempotency-Key", "k-1"}};
  const auto first = made(*jonas, {{"text", "once"}, {"at", in(1h)}}, key);
  const auto again = jonas->post("/v1/reminders", json::object{{"text", "once"}, {"at", in(1h)}}, key);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(text_in(again.json(), "id"), text_in(first, "id"));
  // A message that one does not see can't be bound; one's own can, and for a colleague who sees it too.
  const auto message = mark->post("/v1/channels/1/messages", json::object{{"text", "read this"}}).json();
  const auto id = text_in(message, "id");
  EXPECT_EQ(mark->post("/v1/reminders", json::object{{"message_id", "999"}, {"at", in(1h)}}).status, 404);
  const auto theirs = venkat->post("/v1/channels/8/messages", json::object{{"text", "not for Mark"}}).json();
  EXPECT_EQ(
      mark->post("/v1/reminders", json::object{{"message_id", text_in(theirs, "id")}, {"at", in(1h)}}).status, 404
  );
  const auto bound = made(*mark, {{"message_id", id}, {"at", in(1h)}, {"profile_id", "5"}});
  EXPECT_EQ(text_in(bound, "message_channel_id"), "1");
  EXPECT_EQ(text_in(bound, "profile_id"), "5");
  EXPECT_EQ(mark->post("/v1/reminders", json::object{{"text", "x"}, {"at", in(1h)}, {"profile_id", "4"}}).status, 404)
      << "no colleague";
  EXPECT_EQ(list(*mark, "?for=others").size(), 1U);
  const auto path = "/v1/reminders/" + text_in(bound, "id");
  EXPECT_TRUE(wait_until([&] { return jonas->get(path).status == 200; }, 5s));
  EXPECT_EQ(venkat->get(path).status, 404);
  // Edits are guarded by their version.
  const auto etag = jonas->get(path).header("ETag");
  EXPECT_EQ(jonas->patch(path, json::object{{"text", "soon"}}, {{"If-Match", etag}}).status, 200);
  EXPECT_EQ(jonas->patch(path, json::object{{"text", "late"}}, {{"If-Match", etag}}).status, 412);
  EXPECT_EQ(jonas->post(path + "/snooze", json::object{{"for", "20m"}}).status, 200);
  EXPECT_EQ(jonas->post(path + "/snooze", json::object{{"until", "next_week"}}).status, 200);
  EXPECT_EQ(mark->post(path + "/complete", json::object{}).status, 404) << "it is not his";
  EXPECT_EQ(jonas->post(path + "/complete", json::object{}).status, 200);
  EXPECT_EQ(jonas->post(path + "/complete", json::object{}).status, 200);
  EXPECT_EQ(list(*jonas, "?state=completed").size(), 1U);
  EXPECT_EQ(jonas->remove(path).status, 204);
  EXPECT_EQ(jonas->remove(path).status, 204);
  EXPECT_EQ(jonas->get(path).status, 404);
}

TEST_F(reminders_service_systest, what_is_due_comes_and_stays_until_it_was_seen) {
  const auto mark = sign_in("americas", people[0]);
  const auto li = sign_in("asia", people[2]);
  const auto due = [&](http_client& of) { return list(of, "?state=due"); };
  const auto soon = made(*li, {{"text", "tea"}, {"at", in(1500ms)}});
  const auto channel = made(*mark, {{"text", "stand-up"}, {"at", in(1500ms)}, {"channel_id", "1"}});
  ASSERT_TRUE(wait_until([&] { return due(*li).size() == 1; }, 10s));
  EXPECT_FALSE(due(*li)[0].at("is_late").as_bool());
  EXPECT_EQ(text_in(due(*li)[0], "id"), text_in(soon, "id"));
  const auto path = "/v1/reminders/" + text_in(soon, "id");
  EXPECT_EQ(li->post(path + "/snooze", json::object{{"at", in(1s)}}).status, 200);
  EXPECT_EQ(due(*li).size(), 0U);
  ASSERT_TRUE(wait_until([&] { return due(*li).size() == 1; }, 10s));
  EXPECT_EQ(li->post(path + "/complete", json::object{}).status, 200);
  EXPECT_EQ(due(*li).size(), 0U);
  // Into the channel, once.
  const auto posted = [&] {
    int count = 0;
    const auto page = li->get("/v1/channels/1/messages").json();
    for (const auto& message : page.at("items").as_array()) {
      count += text_in(message, "text") == "Reminder: stand-up" ? 1 : 0;
    }
    return count;
  };
  ASSERT_TRUE(wait_until([&] { return posted() == 1; }, 10s));
  const auto done = "/v1/reminders/" + text_in(channel, "id");
  EXPECT_TRUE(wait_until([&] { return text_in(mark->get(done).json(), "state") == "completed"; }, 5s));
  // A series goes on by itself, and what was missed in an outage is one late occurrence.
  const auto series = made(*li, {{"text", "water"}, {"when", "every day at 10am"}, {"time_zone", "Asia/Kolkata"}});
  EXPECT_EQ(text_in(series, "recurrence"), "FREQ=DAILY");
  world_->connect("reminders-americas")
      .text("UPDATE reminder SET notify_at = notify_at - interval '3 days' WHERE id = " + text_in(series, "id"));
  ASSERT_TRUE(wait_until([&] { return due(*li).size() == 1; }, 10s));
  const auto occurrence = due(*li)[0];
  EXPECT_EQ(text_in(occurrence, "series_id"), text_in(series, "id"));
  EXPECT_TRUE(occurrence.at("is_late").as_bool());
  const auto after = li->get("/v1/reminders/" + text_in(series, "id")).json();
  EXPECT_EQ(text_in(after, "notify_at"), text_in(series, "notify_at")) << "its next time is where it was";
  EXPECT_EQ(li->post("/v1/reminders/" + text_in(series, "id") + "/snooze", json::object{{"for", "1h"}}).status, 409);
}

TEST_F(reminders_service_systest, without_its_nodes_everything_else_goes_on) {
  const auto mark = sign_in("americas", people[0]);
  made(*mark, {{"text", "x"}, {"at", in(1h)}});
  for (const auto* node : {"reminders-americas", "reminders-europe", "reminders-asia"}) {
    world_->kill_node(node);
  }
  const auto degraded = [&] {
    const auto answer = http_get("127.0.0.1", world_->serve_port("americas"), "/readyz");
    return answer.status == 200 && answer.body.find("\"degraded\":[\"reminders\"]") != std::string::npos;
  };
  EXPECT_TRUE(wait_until(degraded, 20s)) << http_get("127.0.0.1", world_->serve_port("americas"), "/readyz").body;
  for (int n = 0; n < 20; ++n) {
    const auto begun = std::chrono::steady_clock::now();
    const auto refused = mark->post("/v1/reminders", json::object{{"text", "x"}, {"at", in(1h)}});
    EXPECT_THAT(refused.status, testing::AnyOf(503, 504)) << refused.body;
    EXPECT_EQ(mark->post("/v1/channels/1/messages", json::object{{"text", "goes on"}}).status, 201);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 6s);
  }
}

// One that makes reminders until it is told to stop, each by its own key until it is acknowledged.
struct writer {
  std::thread thread;
  std::map<std::string, std::string> acknowledged;  // id by key
  std::chrono::steady_clock::duration longest_wait{};
  int refusals = 0;
};

void write_until(const std::atomic<bool>& over, http_client& door, const std::string& name, writer& out) {
  door.set_patience(8s);
  for (int n = 0; !over; ++n) {
    const auto key = fmt::format("{}-{}", name, n);
    const json::object wish{{"text", key}, {"at", in(std::chrono::milliseconds(1500 + n * 37 % 4000))}};
    const auto begun = std::chrono::steady_clock::now();
    while (!over) {
      const auto answer = door.post("/v1/reminders", wish, {{"Idempotency-Key", key}});
      if (answer.status == 201 || answer.status == 200) {
        out.acknowledged.emplace(key, text_in(answer.json(), "id"));
        break;
      }
      if (answer.status == 400) {
        break;  // its time has passed while nobody took it
      }
      ++out.refusals;
      wait_until([&] { return over.load(); }, 50ms);
    }
    out.longest_wait = std::max(out.longest_wait, std::chrono::steady_clock::now() - begun);
    // Nobody may have more than 1,000 open ones, which a quick machine would come to.
    wait_until([&] { return over.load(); }, 20ms);
  }
}

TEST_F(reminders_service_systest, the_primarys_death_loses_nothing_that_was_acknowledged) {
  std::vector<std::unique_ptr<http_client>> doors;
  std::vector<std::unique_ptr<writer>> writers;
  std::atomic<bool> over = false;
  for (std::size_t n = 0; n < std::size(regions); ++n) {
    doors.push_back(sign_in(regions[n], people[n]));
    writers.push_back(std::make_unique<writer>());
    writers.back()->thread = std::thread([&, n] { write_until(over, *doors[n], regions[n], *writers[n]); });
  }
  wait_until([] { return false; }, 4s);
  world_->kill_node("reminders-americas");
  const auto plan = world_->run({"failover", "reminders", "--dry-run", "--json"});
  EXPECT_EQ(plan.exit_code, 0) << plan.said();
  EXPECT_FALSE(json::parse(plan.output).at("primary_answers").as_bool());
  const auto ended = world_->run({"failover", "reminders", "--json"});
  ASSERT_EQ(ended.exit_code, 0) << ended.said();
  const auto report = json::parse(ended.output);
  const auto restored_ms = report.at("restored_ms").as_int64();
  const auto promoted = text_in(report, "to");
  wait_until([] { return false; }, 8s);
  over = true;
  std::size_t acknowledged = 0;
  for (const auto& one : writers) {
    one->thread.join();
    acknowledged += one->acknowledged.size();
    fmt::print(
        "{} acknowledged, {} refusals, longest wait {} ms\n", one->acknowledged.size(), one->refusals,
        std::chrono::duration_cast<std::chrono::milliseconds>(one->longest_wait).count()
    );
  }
  fmt::print("failover to {}: restored in {} ms; {} acknowledged\n", promoted, restored_ms, acknowledged);
  EXPECT_LT(restored_ms, 10'000);
  const auto shown = doors[1]->get("/v1/topology").json();
  EXPECT_EQ(shown.at("tiers").at(1).at("last_restore").at("took_ms").as_int64(), restored_ms);
  EXPECT_GT(acknowledged, 100U);
  EXPECT_EQ(primary(), promoted);
  // Each is there once, and becomes due.
  auto node = world_->connect(promoted);
  for (const auto& one : writers) {
    for (const auto& [key, id] : one->acknowledged) {
      EXPECT_EQ(node.text(fmt::format("SELECT id FROM reminder WHERE creation_key = '{}'", key)), id)
          << "lost: " << key;
    }
  }
  world_->expect_soon(
      promoted, "SELECT count(*) FROM reminder WHERE state = 'scheduled' OR lease_until IS NOT NULL", "0"
  );
  EXPECT_EQ(node.text("SELECT count(*) - count(DISTINCT creation_key) FROM reminder"), "0");
  // The old primary comes back as a replica, and has what was written meanwhile.
  world_->up();
  EXPECT_EQ(world_->sql("reminders-americas", "SELECT pg_is_in_recovery()"), "t");
  EXPECT_EQ(primary(), promoted);
  const auto written = made(*doors[1], {{"text", "after"}, {"at", in(1h)}});
  for (const auto* each : {"reminders-americas", "reminders-europe", "reminders-asia"}) {
    world_->expect_soon(each, "SELECT count(*) FROM reminder WHERE id = " + text_in(written, "id"), "1");
  }
  EXPECT_EQ(world_->run({"audit", "residency"}).exit_code, 0);
  const auto config = http_get("127.0.0.4", world_->http_port(), "/cluster-config");
  const auto nodes = json::parse(config.body).at("nodes");
  for (const auto& each : nodes.as_array()) {
    EXPECT_EQ(text_in(each, "role"), text_in(each, "name") == promoted ? "primary" : "replica");
  }
  // And back, in peace: the primary is stopped first.
  const auto back = world_->run({"failover", "reminders", "--to", "reminders-americas"});
  EXPECT_EQ(back.exit_code, 0) << back.said();
  EXPECT_THAT(back.output, HasSubstr("Restored in"));
  EXPECT_EQ(primary(), "reminders-americas");
  world_->up();
  EXPECT_EQ(world_->sql(promoted, "SELECT pg_is_in_recovery()"), "t");
  made(*doors[0], {{"text", "home again"}, {"at", in(1h)}});
}

}  // namespace
}  // namespace meridian::test
