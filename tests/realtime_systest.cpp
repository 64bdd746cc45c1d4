// Live connections of the sample company at three regions' doors: what happens shows everywhere, and nobody sees what
// is not his.
#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/http_client.hpp"
#include "support/live_person.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto password = "a password for the sample company";

struct person {
  std::unique_ptr<http_client> http;
  std::unique_ptr<live_person> live;
};

class realtime_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"geo"});
    const auto ended = world->run({"up"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
  }
  static void TearDownTestSuite() { world.reset(); }

  static person sign_in(const std::string& region, const std::string& email) {
    person one;
    one.http = std::make_unique<http_client>("127.0.0.1", world->serve_port(region));
    const auto answer = one.http->sign_in(email, password);
    EXPECT_EQ(answer.status, 201) << email << ": " << answer.body;
    return one;
  }
  // With a live connection that has said hello.
  static person arrive(const std::string& region, const std::string& email) {
    auto one = sign_in(region, email);
    one.live = std::make_unique<live_person>(world->serve_port(region), one.http->token());
    EXPECT_EQ(one.live->status(), 101);
    EXPECT_TRUE(one.live->hear("hello"));
    return one;
  }

  static json::value post(person& who, const std::string& channel, const std::string& text) {
    const auto answer = who.http->post("/v1/channels/" + channel + "/messages", json::object{{"text", text}});
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.json();
  }
  static std::string make_channel(person& maker, const std::string& name, bool is_private) {
    const auto answer =
        maker.http->post("/v1/workspaces/1/channels", json::object{{"name", name}, {"is_private", is_private}});
    EXPECT_EQ(answer.status, 201) << answer.body;
    return std::string(answer.json().at("id").as_string());
  }

  static auto with_id(const json::value& message) {
    return [id = std::string(message.at("id").as_string())](const json::object& frame) {
      return frame.at("message").at("id").as_string() == id;
    };
  }

  static inline std::unique_ptr<local_topology> world;
};

TEST_F(realtime_systest, what_one_says_all_hear_at_every_door) {
  auto mark = arrive("americas", "msmith@apache.org");
  auto jonas = arrive("europe", "jonas_fischer@gmail.com");
  auto li = arrive("asia", "shoimingli@apache.org");
  const auto said = post(jonas, "1", "Is 4.0 out?");
  for (auto* one : {&mark, &jonas, &li}) {
    const auto heard = one->live->hear("message", with_id(said));
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->at("message"), said);
    EXPECT_EQ(heard->at("channel_id"), "1");
    EXPECT_EQ(heard->at("seq"), said.at("seq"));
    EXPECT_EQ(heard->at("change_seq"), said.at("change_seq"));
  }
  const auto path = "/v1/messages/" + std::string(said.at("id").as_string());
  EXPECT_EQ(jonas.http->patch(path, json::object{{"text", "Is 4.0 out yet?"}}).status, 200);
  EXPECT_EQ(li.http->put(path + "/reactions/%F0%9F%91%8D").status, 200);
  EXPECT_EQ(jonas.http->remove(path).status, 204);
  for (auto* one : {&mark, &jonas, &li}) {
    std::int64_t last = said.at("change_seq").as_int64();
    const auto deleted = one->live->hear("change", [&](const json::object& frame) {
      EXPECT_GT(frame.at("change_seq").as_int64(), last);
      last = frame.at("change_seq").as_int64();
      return !frame.at("message").at("deleted_at").is_null();
    });
    EXPECT_TRUE(deleted);
  }
}

TEST_F(realtime_systest, hello_tells_what_there_is_to_catch_up_with) {
  auto venkat = sign_in("asia", "vsharma@techmahindra.com");
  const auto said = post(venkat, "8", "The night shift is on");
  venkat.live = std::make_unique<live_person>(world->serve_port("europe"), venkat.http->token());
  const auto hello = venkat.live->hear("hello");
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->at("profile_id"), "9");
  EXPECT_EQ(hello->at("region"), "europe");
  EXPECT_TRUE(hello->at("missing_regions").as_array().empty());
  EXPECT_EQ(hello->at("heartbeat_s").as_int64(), 15);
  bool is_there = false;
  for (const auto& one : hello->at("channels").as_array()) {
    if (one.at("id").as_string() == "8") {
      is_there = true;
      EXPECT_EQ(one.at("change_seq"), said.at("change_seq"));
      EXPECT_EQ(one.at("last_seq"), said.at("seq"));
      EXPECT_EQ(one.at("region"), "asia");
    }
  }
  EXPECT_TRUE(is_there);
}

TEST_F(realtime_systest, plain_sql_shows_within_two_seconds) {
  auto mark = arrive("americas", "msmith@apache.org");
  auto li = arrive("asia", "shoimingli@apache.org");
  const auto since = clock::now();
  world->sql(
      "geo-asia", "INSERT INTO Message (channel_id, sender_id, message, country) VALUES (1, 5, 'by hand', 'USA')"
  );
  const auto typed = clock::now();
  for (auto* one : {&mark, &li}) {
    const auto heard = one->live->hear("message", [](const json::object& frame) {
      return frame.at("message").at("text").as_string() == "by hand";
    });
    EXPECT_TRUE(heard);
    EXPECT_LT(clock::now() - typed, 2s) << "psql took " << (typed - since).count() / 1'000'000 << " ms";
  }
}

TEST_F(realtime_systest, who_is_let_in_hears_and_who_is_kicked_hears_no_more) {
  auto mark = arrive("americas", "msmith@apache.org");
  auto li = arrive("asia", "shoimingli@apache.org");
  const auto room = make_channel(mark, "release-room", true);
  ASSERT_EQ(mark.http->put("/v1/channels/" + room + "/members/8").status, 204);
  const auto is_room = [&](const json::object& frame) { return frame.at("id").as_string() == room; };
  ASSERT_TRUE(li.live->hear("followed", is_room));
  const auto first = post(mark, room, "welcome");
  EXPECT_TRUE(li.live->hear("message", with_id(first)));
  ASSERT_EQ(mark.http->remove("/v1/channels/" + room + "/members/8").status, 204);
  EXPECT_TRUE(li.live->hear("membership", [&](const json::object& frame) {
    return frame.at("channel_id").as_string() == room && !frame.at("is_member").as_bool();
  }));
  const auto second = post(mark, room, "now that he is gone");
  EXPECT_TRUE(mark.live->hear("message", with_id(second)));
  EXPECT_FALSE(li.live->hear("message", with_id(second), 2s));
}

TEST_F(realtime_systest, what_one_may_not_see_can_not_be_followed) {
  auto mark = arrive("americas", "msmith@apache.org");
  auto li = arrive("asia", "shoimingli@apache.org");
  const auto hidden = make_channel(mark, "board-matters", true);
  for (const auto& channel : {hidden, std::string("8"), std::string("987654321")}) {
    li.live->say({{"type", "follow"}, {"channel_id", channel}});
    const auto refused = li.live->hear("error");
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->at("code"), "not_found") << channel;
  }
  const auto said = post(mark, hidden, "between us");
  EXPECT_TRUE(mark.live->hear("message", with_id(said)));
  EXPECT_FALSE(li.live->hear("message", with_id(said), 2s));
  const auto open = make_channel(mark, "open-matters", false);
  li.live->say({{"type", "follow"}, {"channel_id", open}});
  ASSERT_TRUE(li.live->hear("followed"));
  const auto public_word = post(mark, open, "to whom it may concern");
  EXPECT_TRUE(li.live->hear("message", with_id(public_word)));
}

TEST_F(realtime_systest, an_ended_session_loses_its_connections_everywhere_within_five_seconds) {
  auto jonas = sign_in("europe", "jonas_fischer@gmail.com");
  std::vector<std::unique_ptr<live_person>> devices;
  for (const auto* region : {"americas", "europe", "asia"}) {
    devices.push_back(std::make_unique<live_person>(world->serve_port(region), jonas.http->token()));
    ASSERT_TRUE(devices.back()->hear("hello"));
  }
  ASSERT_EQ(jonas.http->remove("/v1/sessions/current").status, 204);
  const auto ended = clock::now();
  for (auto& one : devices) {
    EXPECT_EQ(one->raw().await_close(), 1008);
    EXPECT_LT(clock::now() - ended, 5s);
  }
}

TEST_F(realtime_systest, the_door_looks_at_session_and_origin) {
  const auto port = world->serve_port("americas");
  auto mark = sign_in("americas", "msmith@apache.org");
  const auto token = mark.http->token();
  EXPECT_EQ(live_person(port, "m1.1.nonsense").status(), 401);
  EXPECT_EQ(live_person(port, token, "Origin: https://evil.example.org\r\n").status(), 403);
  EXPECT_EQ(live_person(port, token, fmt::format("Origin: http://127.0.0.1:{}\r\n", port)).status(), 101);
  const auto cookie = fmt::format("Cookie: meridian_session={}\r\n", token);
  EXPECT_EQ(live_person(port, "", cookie + "Origin: https://evil.example.org\r\n").status(), 403);
  live_person by_cookie(port, "", cookie);
  EXPECT_TRUE(by_cookie.hear("hello"));
  live_person by_frame(port, "");
  ASSERT_EQ(by_frame.status(), 101);
  by_frame.say({{"type", "authenticate"}, {"token", token}});
  EXPECT_TRUE(by_frame.hear("hello"));
  live_person stranger(port, "");
  stranger.say({{"type", "authenticate"}, {"token", "m1.1.nonsense"}});
  EXPECT_EQ(stranger.raw().await_close(), 1008);
  live_person silent(port, "");
  const auto since = clock::now();
  EXPECT_EQ(silent.raw().await_close(), 1008);
  EXPECT_LT(clock::now() - since, 8s);
}

TEST_F(realtime_systest, frames_that_make_no_sense_are_answered) {
  auto mark = arrive("americas", "msmith@apache.org");
  for (const auto* nonsense : {"", "[]", "{", R"({"type":"shout"})", R"({"type":"follow"})"}) {
    mark.live->raw().say(nonsense);
    EXPECT_TRUE(mark.live->hear("error")) << nonsense;
  }
  mark.live->say({{"type", "ping"}});
  EXPECT_TRUE(mark.live->hear("pong"));
}

TEST_F(realtime_systest, reading_on_one_device_shows_on_the_others) {
  auto jonas = arrive("europe", "jonas_fischer@gmail.com");
  live_person phone(world->serve_port("europe"), jonas.http->token());
  ASSERT_TRUE(phone.hear("hello"));
  auto mark = sign_in("americas", "msmith@apache.org");
  const auto said = post(mark, "1", "read me");
  ASSERT_EQ(jonas.http->put("/v1/channels/1/read", json::object{{"seq", said.at("seq")}}).status, 200);
  const auto heard = phone.hear_of("read", 1);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->at("read_seq"), said.at("seq"));
}

TEST_F(realtime_systest, presence_and_typing_go_to_those_who_look) {
  auto mark = arrive("americas", "msmith@apache.org");
  mark.live->say({{"type", "watch"}, {"profile_ids", json::array{"5"}}});
  auto jonas = arrive("americas", "jonas_fischer@gmail.com");
  const auto is_online = [](bool wanted) {
    return [wanted](const json::object& frame) { return frame.at("is_online").as_bool() == wanted; };
  };
  EXPECT_TRUE(mark.live->hear("presence", is_online(true)));
  mark.live->say({{"type", "look"}, {"channel_id", "1"}});
  EXPECT_TRUE(wait_until([&] {
    jonas.live->say({{"type", "typing"}, {"channel_id", "1"}});
    return mark.live->hear_of("typing", 1, 200ms).has_value();
  }));
  jonas.live->raw().drop();
  EXPECT_TRUE(mark.live->hear("presence", is_online(false)));
}

}  // namespace
}  // namespace meridian::test
