// Live connections over three real regions: what they hear, and what they must not.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/hub_lane.hpp"

namespace meridian::realtime {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto password = "a password for the sample company";

// The sample company at two doors of one process. Channel 1 is in americas (1, 5, 8 and 9 are in its workspace), 8 in
// asia; 50 is a private one with 1 and 5 in it.
class hub_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"geo"});
    const auto ended = world->run({"up"}, {{"MERIDIAN_SAMPLE_PASSWORD", password}});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
    // The doors of `up` are not part of this.
    sql("americas",
        "INSERT INTO channel_americas (id, name, workspace_id, country, is_private) "
        "VALUES (50, 'secret', 1, 'USA', true)");
    sql("americas",
        "INSERT INTO channel_member_americas (channel_id, profile_id, country) "
        "VALUES (50, 1, 'USA'), (50, 5, 'USA')");
  }
  static void TearDownTestSuite() { world.reset(); }

  hub_pgtest() : americas(*world, "americas", process), asia(*world, "asia", process) {}

  static std::string sql(const std::string& region, const std::string& statement) {
    return world->connect("geo-" + region).text(statement);
  }
  static void post(std::int64_t channel_id, const std::string& region, const std::string& country, int sender_id) {
    sql(region, fmt::format(
                    "INSERT INTO Message (channel_id, sender_id, message, country) VALUES ({}, {}, 'hello', '{}')",
                    channel_id, sender_id, country
                ));
  }
  static std::int64_t change_seq(std::int64_t channel_id, const std::string& region) {
    return std::stoll(sql(region, fmt::format("SELECT change_seq FROM channel_{} WHERE id = {}", region, channel_id)));
  }

  // Lets both lanes run until it holds.
  template <class Condition>
  bool comes_to_hold(Condition holds, std::chrono::milliseconds longest = 6s) {
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!holds()) {
      if (std::chrono::steady_clock::now() >= end) {
        return false;
      }
      americas.run_for(3ms);
      asia.run_for(3ms);
    }
    return true;
  }
  void pass(std::chrono::milliseconds duration) {
    comes_to_hold([] { return false; }, duration);
  }

  std::unique_ptr<device> arrive(hub_lane& where, const std::string& token) {
    auto came = where.connect(token);
    EXPECT_TRUE(comes_to_hold([&] { return came->count("hello") == 1; }));
    return came;
  }
  std::string sign_in(const std::string& email) { return americas.token_of(email, password); }

  void publish_message(
      hub_lane& from, std::int64_t channel_id, std::int64_t change, std::int64_t seq, const std::string& text = ""
  ) {
    bus::event told;
    told.what = bus::event_kind::message;
    told.channel_id = channel_id;
    told.seq = seq;
    told.change_seq = change;
    told.frame = fmt::format(
        R"({{"type":"message","channel_id":"{}","seq":{},"change_seq":{},"message":{{"text":"{}"}}}})", channel_id, seq,
        change, text
    );
    from.events.publish(std::move(told));
  }

  static inline std::unique_ptr<test::local_topology> world;
  bus::process_bus process;
  hub_lane americas;
  hub_lane asia;
};

std::vector<std::string> ids_in(const boost::json::object& hello) {
  std::vector<std::string> ids;
  for (const auto& one : hello.at("channels").as_array()) {
    ids.emplace_back(one.at("id").as_string());
  }
  return ids;
}

TEST_F(hub_pgtest, hello_tells_how_far_the_persons_channels_of_all_regions_are) {
  const auto venkat = arrive(asia, sign_in("vsharma@techmahindra.com"));
  const auto hello = venkat->frames("hello").front();
  EXPECT_EQ(hello.at("profile_id").as_string(), "9");
  EXPECT_EQ(hello.at("region").as_string(), "asia");
  EXPECT_TRUE(hello.at("is_complete").as_bool());
  EXPECT_THAT(ids_in(hello), testing::IsSupersetOf({"1", "2", "7", "8"}));
  for (const auto& one : hello.at("channels").as_array()) {
    if (one.at("id").as_string() == "8") {
      EXPECT_EQ(one.at("region").as_string(), "asia");
      EXPECT_EQ(one.at("change_seq").as_int64(), change_seq(8, "asia"));
    }
  }
}

TEST_F(hub_pgtest, what_is_typed_in_sql_shows_within_two_seconds_at_every_door) {
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  const auto li = arrive(asia, sign_in("shoimingli@apache.org"));
  for (int times = 0; times < 3; ++times) {
    const auto before = change_seq(1, "americas");
    const auto since = std::chrono::steady_clock::now();
    post(1, "asia", "USA", 5);
    EXPECT_TRUE(comes_to_hold([&] {
      return !mark->changes(1).empty() && mark->changes(1).back() == before + 1 && !li->changes(1).empty() &&
             li->changes(1).back() == before + 1;
    }));
    EXPECT_LT(std::chrono::steady_clock::now() - since, 2s);
  }
  const auto told = mark->frames("message").back();
  EXPECT_EQ(told.at("message").at("text").as_string(), "hello");
  EXPECT_EQ(told.at("message").at("region").as_string(), "americas");
}

TEST_F(hub_pgtest, lost_repeated_and_overtaking_hints_come_out_in_order_and_once) {
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  const auto before = change_seq(1, "americas");
  const auto seq = std::stoll(sql("americas", "SELECT last_seq FROM channel_americas WHERE id = 1"));
  for (int count = 0; count < 6; ++count) {
    post(1, "americas", "USA", 5);
  }
  for (const int step : {3, 1, 3, 6}) {  // 2, 4 and 5 are lost
    publish_message(asia, 1, before + step, seq + step);
  }
  EXPECT_TRUE(comes_to_hold([&] { return mark->changes(1).size() >= 6; }));
  pass(200ms);
  EXPECT_THAT(mark->changes(1), ElementsAre(before + 1, before + 2, before + 3, before + 4, before + 5, before + 6));
}

// What one turn of the bus brings for a channel leaves together: not past anything that came between.
TEST_F(hub_pgtest, what_comes_in_one_turn_is_heard_as_it_came) {
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  const auto here = [&](std::int64_t id) {
    const auto seq = sql("americas", fmt::format("SELECT last_seq FROM channel_americas WHERE id = {}", id));
    return std::pair(change_seq(id, "americas"), std::stoll(seq));
  };
  const auto [open, open_seq] = here(1);
  const auto [secret, secret_seq] = here(50);
  for (int count = 0; count < 5; ++count) {
    post(1, "americas", "USA", 5);
  }
  post(50, "americas", "USA", 5);
  const auto heard_before = mark->socket().frames.size();
  bus::event moved;
  moved.what = bus::event_kind::read;
  moved.profile_id = std::stoll(std::string(mark->frames("hello").front().at("profile_id").as_string()));
  moved.frame = R"({"type":"read","channel_id":"1"})";
  recording_socket::everybody.calls.clear();
  publish_message(americas, 1, open + 1, open_seq + 1);
  publish_message(americas, 1, open + 2, open_seq + 2);
  americas.events.publish(std::move(moved));
  publish_message(americas, 1, open + 3, open_seq + 3);
  publish_message(americas, 50, secret + 1, secret_seq + 1);
  publish_message(americas, 1, open + 4, open_seq + 4);
  publish_message(americas, 1, open + 5, open_seq + 5);
  EXPECT_TRUE(comes_to_hold([&] { return mark->changes(1).size() == 5 && mark->changes(50).size() == 1; }));
  std::vector<std::string> heard;
  for (auto at = heard_before; at < mark->socket().frames.size(); ++at) {
    const auto& frame = mark->socket().frames[at];
    if (frame.at("type").as_string() == "read") {
      heard.emplace_back("read");
    } else if (frame.at("type").as_string() == "message") {
      const auto is_open = frame.at("channel_id").as_string() == "1";
      heard.push_back(
          fmt::format("{}+{}", is_open ? 1 : 50, frame.at("change_seq").as_int64() - (is_open ? open : secret))
      );
    }
  }
  EXPECT_THAT(heard, ElementsAre("1+1", "1+2", "read", "1+3", "50+1", "1+4", "1+5"));
  // What came before waited for the turn's end, with which all of it leaves.
  EXPECT_THAT(recording_socket::everybody.calls, ElementsAre(std::pair(1, 2)));
}

TEST_F(hub_pgtest, what_comes_for_one_channel_in_one_turn_leaves_together_until_it_is_much) {
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  const auto before = change_seq(1, "americas");
  const auto seq = std::stoll(sql("americas", "SELECT last_seq FROM channel_americas WHERE id = 1"));
  for (int count = 0; count < 5; ++count) {
    post(1, "americas", "USA", 5);
  }
  recording_socket::everybody.calls.clear();
  for (int count = 1; count <= 5; ++count) {
    publish_message(americas, 1, before + count, seq + count, std::string(count == 3 ? 70'000 : 10, 'x'));
  }
  EXPECT_TRUE(comes_to_hold([&] { return mark->changes(1).size() == 5; }));
  EXPECT_THAT(recording_socket::everybody.calls, ElementsAre(std::pair(1, 3), std::pair(1, 2)));
}

TEST_F(hub_pgtest, a_channel_of_others_can_not_be_followed_and_is_not_there) {
  const auto li = arrive(asia, sign_in("shoimingli@apache.org"));
  for (const auto* hidden : {"50", "8", "987654"}) {  // private, of another workspace, none at all
    const auto refused = li->count("error");
    li->say(fmt::format(R"({{"type":"follow","channel_id":"{}"}})", hidden));
    EXPECT_TRUE(comes_to_hold([&] { return li->count("error") > refused; })) << hidden;
    EXPECT_EQ(li->frames("error").back().at("code").as_string(), "not_found") << hidden;
  }
  post(50, "americas", "USA", 1);
  pass(2s);
  EXPECT_THAT(li->changes(50), IsEmpty());
}

TEST_F(hub_pgtest, a_public_channel_is_followed_while_one_may_see_it) {
  sql("americas", "INSERT INTO channel_americas (id, name, workspace_id, country) VALUES (60, 'open', 1, 'USA')");
  const auto li = arrive(asia, sign_in("shoimingli@apache.org"));
  li->say(R"({"type":"follow","channel_id":"60"})");
  EXPECT_TRUE(comes_to_hold([&] { return li->count("followed") == 1; }));
  EXPECT_FALSE(li->frames("followed").front().at("is_member").as_bool());
  post(60, "americas", "USA", 1);
  EXPECT_TRUE(comes_to_hold([&] { return li->changes(60).size() == 1; }));
  sql("americas", "UPDATE channel_americas SET is_private = true WHERE id = 60");  // nobody tells
  EXPECT_TRUE(comes_to_hold([&] { return li->count("membership") == 1; }));
  post(60, "americas", "USA", 1);
  pass(2s);
  EXPECT_EQ(li->changes(60).size(), 1U);
}

TEST_F(hub_pgtest, who_is_let_in_hears_and_who_is_kicked_hears_no_more) {
  const auto li = arrive(asia, sign_in("shoimingli@apache.org"));
  const auto tell = [&](bool is_member) {
    bus::event told;
    told.what = bus::event_kind::membership;
    told.profile_id = 8;
    told.channel_id = 50;
    told.workspace_id = 1;
    told.is_member = is_member;
    told.frame = fmt::format(
        R"({{"type":"membership","channel_id":"50","workspace_id":"1","profile_id":"8","is_member":{}}})", is_member
    );
    americas.events.publish(std::move(told));
  };
  sql("americas", "INSERT INTO channel_member_americas (channel_id, profile_id, country) VALUES (50, 8, 'USA')");
  tell(true);
  EXPECT_TRUE(comes_to_hold([&] { return li->count("followed") == 1; }));
  post(50, "americas", "USA", 1);
  EXPECT_TRUE(comes_to_hold([&] { return li->changes(50).size() == 1; }));
  sql("americas", "DELETE FROM channel_member_americas WHERE channel_id = 50 AND profile_id = 8");
  tell(false);
  EXPECT_TRUE(comes_to_hold([&] { return li->count("membership") == 2; }));
  post(50, "americas", "USA", 1);
  pass(2s);
  EXPECT_EQ(li->changes(50).size(), 1U);
}

TEST_F(hub_pgtest, a_kick_that_nobody_tells_of_is_found) {
  sql("americas", "INSERT INTO channel_member_americas (channel_id, profile_id, country) VALUES (50, 9, 'USA')");
  const auto venkat = arrive(asia, sign_in("vsharma@techmahindra.com"));
  EXPECT_THAT(ids_in(venkat->frames("hello").front()), Contains("50"));
  sql("americas", "DELETE FROM channel_member_americas WHERE channel_id = 50 AND profile_id = 9");
  sql("americas", "UPDATE channel_americas SET version = version + 1 WHERE id = 50");
  EXPECT_TRUE(comes_to_hold([&] { return venkat->count("membership") == 1; }, 3s));
  post(50, "americas", "USA", 1);
  pass(2s);
  EXPECT_THAT(venkat->changes(50), IsEmpty());
}

// Two processes tell, and the later word comes first.
TEST_F(hub_pgtest, who_was_kicked_and_let_in_again_hears_whatever_comes_last) {
  sql("americas", "INSERT INTO channel_member_americas (channel_id, profile_id, country) VALUES (50, 8, 'USA')");
  const auto li = arrive(asia, sign_in("shoimingli@apache.org"));
  bus::event told;
  told.what = bus::event_kind::membership;
  told.profile_id = 8;
  told.channel_id = 50;
  told.workspace_id = 1;
  told.frame = R"({"type":"membership","channel_id":"50","workspace_id":"1","profile_id":"8","is_member":false})";
  americas.events.publish(std::move(told));
  EXPECT_TRUE(comes_to_hold([&] { return li->count("followed") == 1; }));
  post(50, "americas", "USA", 1);
  EXPECT_TRUE(comes_to_hold([&] { return li->changes(50).size() == 1; }));
  sql("americas", "DELETE FROM channel_member_americas WHERE channel_id = 50 AND profile_id = 8");
}

TEST_F(hub_pgtest, a_channel_that_comes_back_from_the_archive_is_heard) {
  sql("americas", "UPDATE channel_americas SET archived_at = now() WHERE id = 2");
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  sql("americas", "UPDATE channel_americas SET archived_at = NULL WHERE id = 2");
  post(2, "americas", "USA", 1);
  EXPECT_TRUE(comes_to_hold([&] { return mark->changes(2).size() == 1; }));
}

TEST_F(hub_pgtest, what_was_lost_is_made_good_also_when_it_happens_again_at_once) {
  hub_settings quick;
  quick.loss_refresh_interval = 1500ms;
  quick.refresh_interval = 300ms;
  hub_lane europe(*world, "europe", process, quick);
  const auto li = europe.connect(sign_in("shoimingli@apache.org"));
  const auto holds = [&](const auto& condition) {
    return comes_to_hold([&] {
      europe.run_for(3ms);
      return condition();
    });
  };
  ASSERT_TRUE(holds([&] { return li->count("hello") == 1; }));
  for (const int channel_id : {71, 72}) {
    sql("americas", fmt::format(
                        "INSERT INTO channel_americas (id, name, workspace_id, country, is_private) "
                        "VALUES ({0}, 'lost{0}', 1, 'USA', true)",
                        channel_id
                    ));
    sql("americas",
        fmt::format(
            "INSERT INTO channel_member_americas (channel_id, profile_id, country) VALUES ({}, 8, 'USA')", channel_id
        ));
    process.announce_loss();
    if (channel_id == 71) {
      EXPECT_TRUE(holds([&] { return li->count("lost") == 1 && li->count("followed") == 1; }));
    }
  }
  EXPECT_TRUE(holds([&] { return li->count("lost") == 2 && li->count("followed") == 2; }));
}

TEST_F(hub_pgtest, who_shares_no_workspace_any_more_is_watched_no_more) {
  sql("americas", "INSERT INTO workspace_americas (id, name, url, country) VALUES (90, 'Pair', 'pair', 'USA')");
  sql("americas",
      "INSERT INTO workspaceprofile_americas (workspace_id, profile_id, workspace_country) "
      "VALUES (90, 1, 'USA'), (90, 10, 'USA')");
  hub_settings quick;
  quick.watch_interval = 500ms;
  quick.session_interval = 300ms;
  hub_lane europe(*world, "europe", process, quick);
  const auto mark = europe.connect(sign_in("msmith@apache.org"));
  const auto prachi = arrive(asia, sign_in("pgarg@techmahindra.com"));
  const auto holds = [&](const auto& condition) {
    return comes_to_hold([&] {
      europe.run_for(3ms);
      return condition();
    });
  };
  ASSERT_TRUE(holds([&] { return mark->count("hello") == 1; }));
  mark->say(R"({"type":"watch","profile_ids":["10"]})");
  ASSERT_TRUE(holds([&] { return mark->count("presence") == 1; }));
  sql("americas", "DELETE FROM workspaceprofile_americas WHERE workspace_id = 90 AND profile_id = 10");
  ASSERT_TRUE(holds([&] { return mark->count("presence") == 2; }));
  EXPECT_FALSE(mark->frames("presence").back().at("is_online").as_bool());
  bus::event told;
  told.what = bus::event_kind::status;
  told.profile_id = 10;
  told.frame = R"({"type":"status","profile_id":"10","status":"Busy"})";
  asia.events.publish(std::move(told));
  pass(100ms);
  europe.run_for(100ms);
  EXPECT_EQ(mark->count("status"), 0U);
}

TEST_F(hub_pgtest, a_status_that_every_process_tells_comes_once) {
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  mark->say(R"({"type":"watch","profile_ids":["8"]})");
  pass(300ms);
  for (const auto* text : {"one", "one", "two", "one"}) {
    bus::event told;
    told.what = bus::event_kind::status;
    told.profile_id = 8;
    told.frame = fmt::format(R"({{"type":"status","profile_id":"8","text":"{}"}})", text);
    asia.events.publish(std::move(told));
  }
  EXPECT_TRUE(comes_to_hold([&] { return mark->count("status") >= 3; }));
  pass(100ms);
  EXPECT_EQ(mark->count("status"), 3U);
}

TEST_F(hub_pgtest, what_was_given_up_before_its_answer_does_not_come) {
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  mark->say(R"({"type":"watch","profile_ids":["8"]})");
  mark->say(R"({"type":"unwatch","profile_ids":["8"]})");
  sql("americas", "INSERT INTO channel_americas (id, name, workspace_id, country) VALUES (61, 'not now', 1, 'USA')");
  mark->say(R"({"type":"follow","channel_id":"61"})");
  mark->say(R"({"type":"unfollow","channel_id":"61"})");
  pass(300ms);
  const auto li = arrive(asia, sign_in("shoimingli@apache.org"));
  pass(300ms);
  EXPECT_EQ(mark->count("presence"), 0U);
  EXPECT_EQ(mark->count("followed"), 0U);
  EXPECT_EQ(mark->count("error"), 0U);
}

TEST_F(hub_pgtest, a_region_that_goes_is_told) {
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  americas.live.tell_reachable(americas.world().region_named("asia"), false);
  ASSERT_EQ(mark->count("topology"), 1U);
  EXPECT_EQ(mark->frames("topology").front().at("region").as_string(), "asia");
  EXPECT_FALSE(mark->frames("topology").front().at("is_reachable").as_bool());
}

TEST_F(hub_pgtest, a_session_that_ends_anywhere_ends_its_connections_within_five_seconds) {
  const auto token = sign_in("jonas_fischer@gmail.com");
  const auto other = sign_in("jonas_fischer@gmail.com");
  const auto here = arrive(americas, token);
  const auto there = arrive(asia, token);
  const auto stays = arrive(asia, other);
  const auto ended = americas.send(http::verb::remove, "/v1/sessions/current", "", token);
  EXPECT_EQ(ended.status, 204) << ended.body;
  const auto since = std::chrono::steady_clock::now();
  EXPECT_TRUE(comes_to_hold([&] { return here->socket().is_closed && there->socket().is_closed; }));
  EXPECT_LT(std::chrono::steady_clock::now() - since, 5s);
  EXPECT_EQ(there->socket().closed_as, http::close_code::policy);
  EXPECT_FALSE(stays->socket().is_closed);
}

TEST_F(hub_pgtest, the_first_frame_can_bring_the_session) {
  device mark(americas.live, std::nullopt);
  mark.say(fmt::format(R"({{"type":"authenticate","token":"{}"}})", sign_in("msmith@apache.org")));
  EXPECT_TRUE(comes_to_hold([&] { return mark.count("hello") == 1; }));
  device stranger(americas.live, std::nullopt);
  stranger.say(R"({"type":"authenticate","token":"m1.1.nothing"})");
  EXPECT_TRUE(comes_to_hold([&] { return stranger.socket().is_closed; }));
  device hasty(americas.live, std::nullopt);
  hasty.say(R"({"type":"follow","channel_id":"1"})");
  EXPECT_TRUE(hasty.socket().is_closed);
  device silent(americas.live, std::nullopt);
  EXPECT_TRUE(comes_to_hold([&] { return silent.socket().is_closed; }, 8s));
  EXPECT_EQ(americas.live.connection_count(), 4U);
}

TEST_F(hub_pgtest, presence_is_for_those_who_watch_and_share_a_workspace) {
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  mark->say(R"({"type":"watch","profile_ids":["8","10"]})");  // 10 is a stranger
  EXPECT_TRUE(comes_to_hold([&] { return mark->count("error") == 1; }));
  auto li = arrive(asia, sign_in("shoimingli@apache.org"));
  const auto prachi = arrive(asia, sign_in("pgarg@techmahindra.com"));
  EXPECT_TRUE(comes_to_hold([&] { return mark->count("presence") == 1; }));
  EXPECT_EQ(mark->frames("presence").front().at("profile_id").as_string(), "8");
  EXPECT_TRUE(mark->frames("presence").front().at("is_online").as_bool());
  const auto venkat = arrive(americas, sign_in("vsharma@techmahindra.com"));
  venkat->say(R"({"type":"watch","profile_ids":["8"]})");  // who is there already
  EXPECT_TRUE(comes_to_hold([&] { return venkat->count("presence") == 1; }));
  li->drop();
  EXPECT_TRUE(comes_to_hold([&] { return mark->count("presence") == 2 && venkat->count("presence") == 2; }, 8s));
  EXPECT_FALSE(mark->frames("presence").back().at("is_online").as_bool());
}

TEST_F(hub_pgtest, typing_is_for_those_who_look) {
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  const auto li = arrive(asia, sign_in("shoimingli@apache.org"));
  const auto venkat = arrive(asia, sign_in("vsharma@techmahindra.com"));
  mark->say(R"({"type":"look","channel_id":"1"})");
  li->say(R"({"type":"look","channel_id":"1"})");
  for (int times = 0; times < 5; ++times) {
    li->say(R"({"type":"typing","channel_id":"1"})");
  }
  EXPECT_TRUE(comes_to_hold([&] { return mark->count("typing") == 1; }));
  pass(100ms);
  EXPECT_EQ(mark->count("typing"), 1U);
  EXPECT_EQ(li->count("typing"), 0U);
  EXPECT_EQ(venkat->count("typing"), 0U);
  mark->say(R"({"type":"away","channel_id":"1"})");
  pass(1100ms);
  li->say(R"({"type":"typing","channel_id":"1"})");
  pass(100ms);
  EXPECT_EQ(mark->count("typing"), 1U);
}

TEST_F(hub_pgtest, frames_that_make_no_sense_are_answered_and_harm_nobody) {
  const auto mark = arrive(americas, sign_in("msmith@apache.org"));
  for (const auto* nonsense :
       {"", "null", "[]", "{", "{}", R"({"type":7})", R"({"type":"shout"})", R"({"type":"follow"})",
        R"({"type":"follow","channel_id":"-1"})", R"({"type":"watch","profile_ids":"1"})",
        R"({"type":"look","channel_id":"4"})", R"({"type":"typing","channel_id":"4"})",
        R"({"type":"authenticate","token":"x"})"}) {
    const auto before = mark->count("error");
    mark->say(nonsense);
    EXPECT_EQ(mark->count("error"), before + 1) << nonsense;
  }
  mark->say(R"({"type":"ping"})");
  EXPECT_EQ(mark->count("pong"), 1U);
  EXPECT_FALSE(mark->socket().is_closed);
}

}  // namespace
}  // namespace meridian::realtime
