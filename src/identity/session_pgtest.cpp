// Sessions on three regions: confirmed, ended, switched, and what happens when a region is gone.
#include <memory>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "identity/token.hpp"
#include "rest/answer.hpp"
#include "support/identity_lane.hpp"
#include "support/lost_answer.hpp"

namespace meridian::identity {
namespace {

using namespace std::chrono_literals;
using test::identity_lane;
using testing::HasSubstr;

class session_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"geo"});
    world->up({"--empty"});
  }
  static void TearDownTestSuite() { world.reset(); }

  // A new profile.
  static std::string profile(identity_lane& lane, const std::string& email, const std::string& country) {
    const auto made = lane.sign_up(email, country);
    EXPECT_EQ(made.status, 201) << made.body;
    return identity_lane::text_at(made, "id");
  }

  static int sessions(identity_lane& lane, const std::string& token) {
    return lane.send(http::verb::get, "/v1/sessions", "", token).status;
  }

  static std::uint64_t statements(identity_lane& lane, const std::string& region) {
    return lane.regions().observe(*lane.regions().find(region)).statements;
  }

  static inline std::unique_ptr<test::local_topology> world;
};

TEST_F(session_pgtest, most_requests_ask_no_database) {
  identity_lane lane(*world, "americas");
  profile(lane, "cached@example.com", "India");
  const auto token = lane.token_of("cached@example.com");
  const auto before = statements(lane, "asia");
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(lane.run(lane.guard().principal_of(token, deadline::in(5s))));
  }
  EXPECT_EQ(statements(lane, "asia"), before + 1);
  // While it is in use it is confirmed in the background, and no request waits for an ocean.
  for (int i = 0; i < 70; ++i) {
    const auto start = statements(lane, "asia");
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_TRUE(lane.run(lane.guard().principal_of(token, deadline::in(5s))));
    EXPECT_EQ(statements(lane, "asia"), start) << "a request asked the database";
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 20ms);
    lane.run_for(100ms);
  }
  EXPECT_LE(statements(lane, "asia"), before + 6);
}

TEST_F(session_pgtest, an_ended_session_is_refused_everywhere_within_five_seconds) {
  identity_lane here(*world, "americas");
  identity_lane there(*world, "asia");
  profile(here, "ended@example.com", "Germany");
  const auto token = here.token_of("ended@example.com");
  EXPECT_EQ(sessions(here, token), 200);
  EXPECT_EQ(sessions(there, token), 200);
  const auto ended = here.send(http::verb::remove, "/v1/sessions/current", "", token);
  EXPECT_EQ(ended.status, 204) << ended.body;
  EXPECT_THAT(std::string(ended.headers.find("Set-Cookie").value_or("")), HasSubstr("meridian_session=; Path=/"));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(sessions(here, token), 401) << "at once where it was ended";
  while (sessions(there, token) == 200 && std::chrono::steady_clock::now() - start < 10s) {
    there.run_for(20ms);  // in use all the time
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_EQ(sessions(there, token), 401);
}

TEST_F(session_pgtest, an_ended_session_that_was_not_in_use_is_refused_too) {
  identity_lane here(*world, "americas");
  identity_lane there(*world, "asia");
  const auto id = profile(here, "idle@example.com", "Germany");
  const auto token = here.token_of("idle@example.com");
  EXPECT_EQ(sessions(there, token), 200);
  world->connect("geo-europe").text("UPDATE identity.account_europe SET disabled_at = now() WHERE profile_id = " + id);
  there.run_for(4600ms);
  EXPECT_EQ(sessions(there, token), 401) << "a disabled account has no sessions";
  EXPECT_EQ(here.sign_in("idle@example.com").status, 401);
}

TEST_F(session_pgtest, expired_sessions_and_deactivated_profiles_are_out) {
  test::lane_settings settings;
  settings.accounts.session_duration = 1s;
  identity_lane lane(*world, "europe", settings);
  const auto id = profile(lane, "expired@example.com", "Germany");
  const auto token = lane.token_of("expired@example.com");
  EXPECT_EQ(sessions(lane, token), 200);
  lane.run_for(1100ms);
  EXPECT_EQ(sessions(lane, token), 401);
  const auto next = lane.token_of("expired@example.com");
  world->connect("geo-europe").text("UPDATE profile_europe SET deactivated_at = now() WHERE id = " + id);
  EXPECT_EQ(sessions(lane, next), 401);
  EXPECT_EQ(lane.sign_in("expired@example.com").status, 401);
}

TEST_F(session_pgtest, nonsense_is_no_session) {
  identity_lane lane(*world, "europe");
  for (const auto& token : {std::string(), std::string("nonsense"), make_token(2), make_token(3), make_token(31)}) {
    const auto answer = lane.send(http::verb::get, "/v1/sessions", "", token);
    EXPECT_EQ(answer.status, 401) << token;
    EXPECT_EQ(answer.headers.find("WWW-Authenticate"), "Bearer");
  }
}

TEST_F(session_pgtest, the_cookie_is_a_session_for_pages_of_this_host) {
  identity_lane lane(*world, "asia");
  profile(lane, "cookie@example.com", "India");
  const auto token = lane.token_of("cookie@example.com");
  const auto cookie = "meridian_session=" + token;
  EXPECT_EQ(lane.send(http::verb::get, "/v1/sessions", "", "", {{"Cookie", cookie}}).status, 200);
  const identity_lane::headers foreign = {{"Cookie", cookie}, {"Origin", "https://evil.example"}};
  EXPECT_EQ(lane.send(http::verb::remove, "/v1/sessions/current", "", "", foreign).status, 403);
  const boost::json::object body{{"email", "cookie@example.com"}, {"password", identity_lane::password}};
  EXPECT_EQ(
      lane.send(http::verb::post, "/v1/sessions", serialize(body), "", {{"Origin", "https://evil.example"}}).status, 403
  );
  const identity_lane::headers own = {{"Cookie", cookie}, {"Origin", "http://localhost"}};
  EXPECT_EQ(lane.send(http::verb::remove, "/v1/sessions/current", "", "", own).status, 204);
}

TEST_F(session_pgtest, ones_own_sessions_are_listed_and_ended) {
  identity_lane lane(*world, "europe");
  profile(lane, "list@example.com", "India");
  profile(lane, "other@example.com", "India");
  const auto first = lane.token_of("list@example.com");
  const auto second = lane.token_of("list@example.com");
  const auto other = lane.token_of("other@example.com");
  const auto listed = lane.send(http::verb::get, "/v1/sessions", "", second);
  const auto items = identity_lane::json(listed).at("items").as_array();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_TRUE(items[0].at("current").as_bool());
  EXPECT_FALSE(items[1].at("current").as_bool());
  const std::string id(items[1].at("id").as_string());
  EXPECT_EQ(lane.send(http::verb::remove, "/v1/sessions/" + id, "", other).status, 404) << "somebody else's";
  EXPECT_EQ(lane.send(http::verb::remove, "/v1/sessions/" + id, "", second).status, 204);
  EXPECT_EQ(lane.send(http::verb::remove, "/v1/sessions/" + id, "", second).status, 204) << "a repeat";
  EXPECT_EQ(lane.send(http::verb::remove, "/v1/sessions/nonsense", "", second).status, 404);
  EXPECT_EQ(sessions(lane, first), 401);
  EXPECT_EQ(sessions(lane, second), 200);
}

TEST_F(session_pgtest, a_profile_has_so_many_sessions_and_the_oldest_goes) {
  test::lane_settings settings;
  settings.accounts.sessions_max = 3;
  identity_lane lane(*world, "asia", settings);
  profile(lane, "many@example.com", "India");
  std::vector<std::string> tokens;
  for (int i = 0; i < 5; ++i) {
    tokens.push_back(lane.token_of("many@example.com"));
  }
  EXPECT_EQ(sessions(lane, tokens[1]), 401);
  EXPECT_EQ(sessions(lane, tokens[2]), 200);
  EXPECT_EQ(sessions(lane, tokens[4]), 200);
}

TEST_F(session_pgtest, one_person_changes_between_their_profiles) {
  identity_lane lane(*world, "americas");
  const auto first = profile(lane, "main@example.com", "USA");
  const auto stranger = profile(lane, "stranger@example.com", "India");
  const auto token = lane.token_of("main@example.com");
  const auto made = lane.sign_up("second@example.com", "India", token);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(identity_lane::text_at(made, "main_profile_id"), first);
  const auto second = identity_lane::text_at(made, "id");

  const auto switched = lane.send(http::verb::post, "/v1/sessions", R"({"profile_id": ")" + second + "\"}", token);
  ASSERT_EQ(switched.status, 201) << switched.body;
  EXPECT_EQ(switched.headers.find("Meridian-Region"), "asia");
  const auto other_token = identity_lane::text_at(switched, "token");
  const auto who = lane.run(lane.guard().principal_of(other_token, deadline::in(5s)));
  ASSERT_TRUE(who);
  EXPECT_EQ(std::to_string(who->profile_id), second);
  EXPECT_EQ(std::to_string(who->main_profile_id), first);
  EXPECT_EQ(who->home->name, "asia");
  // And back, also to one whose id does not tell where it rests.
  EXPECT_EQ(
      lane.send(http::verb::post, "/v1/sessions", R"({"profile_id": ")" + first + "\"}", other_token).status, 201
  );
  for (const auto& id : {stranger, std::string("999")}) {
    const auto refused = lane.send(http::verb::post, "/v1/sessions", R"({"profile_id": ")" + id + "\"}", token);
    EXPECT_EQ(refused.status, 404) << refused.body;
  }
  EXPECT_EQ(lane.send(http::verb::post, "/v1/sessions", R"({"profile_id": ")" + second + "\"}").status, 401);
}

TEST_F(session_pgtest, a_new_password_ends_the_other_sessions) {
  identity_lane lane(*world, "europe");
  profile(lane, "change@example.com", "India");
  const auto stays = lane.token_of("change@example.com");
  const auto goes = lane.token_of("change@example.com");
  const auto change = [&](const std::string& current, const std::string& wanted) {
    const boost::json::object body{{"current_password", current}, {"new_password", wanted}};
    return lane.send(http::verb::put, "/v1/profiles/me/password", serialize(body), stays);
  };
  const auto wrong = change("wrong", "another password");
  EXPECT_EQ(wrong.status, 403) << wrong.body;
  EXPECT_EQ(identity_lane::text_at(wrong, "field"), "current_password");
  EXPECT_EQ(identity_lane::text_at(change(identity_lane::password, "short"), "field"), "new_password");
  EXPECT_EQ(identity_lane::text_at(change(identity_lane::password, "Change@example.com"), "field"), "new_password");
  EXPECT_EQ(change(identity_lane::password, "another password").status, 204);
  EXPECT_EQ(sessions(lane, stays), 200);
  EXPECT_EQ(sessions(lane, goes), 401);
  // A repeat counts as no wrong password.
  const auto failed_attempts = [] {
    return world->connect("geo-asia").text("SELECT sum(failed_attempts) FROM identity.account_asia");
  };
  const auto failed_before = failed_attempts();
  EXPECT_EQ(change(identity_lane::password, "another password").status, 204);
  EXPECT_EQ(failed_attempts(), failed_before);
  EXPECT_EQ(change(identity_lane::password, "a third password").status, 403);
  EXPECT_NE(failed_attempts(), failed_before);
  EXPECT_EQ(lane.sign_in("change@example.com").status, 401);
  EXPECT_EQ(lane.sign_in("change@example.com", "another password").status, 201);
}

TEST_F(session_pgtest, what_was_done_and_not_told_is_told_at_the_second_try) {
  identity_lane lane(*world, "europe");
  profile(lane, "lost@example.com", "India");
  const auto token = lane.token_of("lost@example.com");
  const boost::json::object body{{"current_password", identity_lane::password}, {"new_password", "another password"}};
  auto losing = test::lose_next_answer(*world, "geo-asia");
  const auto changed = lane.send(http::verb::put, "/v1/profiles/me/password", serialize(body), token);
  losing.join();
  EXPECT_EQ(changed.status, 204) << changed.body;
  losing = test::lose_next_answer(*world, "geo-asia");
  const auto ended = lane.send(http::verb::remove, "/v1/sessions/current", "", token);
  losing.join();
  EXPECT_EQ(ended.status, 204) << ended.body;
}

// A thief in a session of the one changes to the other, where the new password of the first is unknown.
TEST_F(session_pgtest, a_new_password_ends_the_sessions_of_ones_other_profiles) {
  identity_lane lane(*world, "europe");
  const auto first = profile(lane, "theft@example.com", "Germany");
  const auto stays = lane.token_of("theft@example.com");
  const auto made = lane.sign_up("theft2@example.com", "India", stays);
  const auto second = identity_lane::text_at(made, "id");
  const auto change_to = [](identity_lane& at, const std::string& id, const std::string& token) {
    return at.send(http::verb::post, "/v1/sessions", R"({"profile_id": ")" + id + "\"}", token);
  };
  const auto stolen = lane.token_of("theft@example.com");
  const auto hidden = identity_lane::text_at(change_to(lane, second, stolen), "token");
  identity_lane elsewhere(*world, "americas");
  ASSERT_EQ(sessions(elsewhere, stolen), 200);
  ASSERT_EQ(sessions(elsewhere, hidden), 200);
  const boost::json::object body{{"current_password", identity_lane::password}, {"new_password", "another password"}};
  const auto changed = lane.send(http::verb::put, "/v1/profiles/me/password", serialize(body), stays);
  EXPECT_EQ(changed.status, 204) << changed.body;
  EXPECT_EQ(sessions(lane, stays), 200);
  // The other lane still trusts what it saw a moment ago, but opens nothing for it.
  for (const auto& token : {stolen, hidden}) {
    for (const auto& id : {first, second}) {
      const auto refused = change_to(elsewhere, id, token);
      EXPECT_EQ(refused.status, 401) << refused.body;
    }
  }
  identity_lane third(*world, "asia");
  EXPECT_EQ(sessions(third, hidden), 401);
  const auto open = [&](const std::string& region, const std::string& id) {
    return world->connect("geo-" + region)
        .text("SELECT count(*) FROM identity.session_" + region + " WHERE revoked_at IS NULL AND profile_id = " + id);
  };
  EXPECT_EQ(open("europe", first), "1");
  EXPECT_EQ(open("asia", second), "0");
}

TEST_F(session_pgtest, a_profile_that_asks_too_often_waits) {
  test::lane_settings settings;
  settings.guard.requests = std::make_shared<rate_limiter>(rate_limit{.per_second = 1, .burst = 3});
  identity_lane lane(*world, "asia", settings);
  profile(lane, "often@example.com", "India");
  const auto token = lane.token_of("often@example.com");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sessions(lane, token), 200);
  }
  const auto refused = lane.send(http::verb::get, "/v1/sessions", "", token);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.find("Retry-After"), "1");
}

TEST_F(session_pgtest, an_address_tries_so_many_made_up_tokens) {
  test::lane_settings settings;
  settings.guard.strangers = std::make_shared<rate_limiter>(rate_limit{.per_second = 0.01, .burst = 3});
  identity_lane lane(*world, "asia", settings);
  profile(lane, "known@example.com", "India");
  const auto known = lane.token_of("known@example.com");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sessions(lane, make_token(3)), 401);
    EXPECT_EQ(sessions(lane, known), 200);
  }
  const auto before = statements(lane, "asia");
  EXPECT_EQ(sessions(lane, make_token(3)), 429);
  EXPECT_EQ(statements(lane, "asia"), before);
  EXPECT_EQ(sessions(lane, known), 200) << "who was let in stays";
}

// Last: it leaves a region down.
// Last: it leaves a region down.
TEST_F(session_pgtest, a_region_that_is_gone_is_named_and_the_others_go_on) {
  identity_lane lane(*world, "americas");
  profile(lane, "near@example.com", "USA");
  profile(lane, "far@example.com", "Germany");
  profile(lane, "gone@example.com", "India");
  const auto gone = lane.token_of("gone@example.com");
  world->kill_node("geo-asia");
  EXPECT_EQ(lane.sign_in("near@example.com").status, 201);
  EXPECT_EQ(lane.sign_in("far@example.com").status, 201);
  EXPECT_EQ(lane.sign_in("near@example.com", "wrong").status, 401);
  for (const auto* email : {"gone@example.com", "nobody@example.com"}) {
    const auto answer = lane.sign_in(email);
    EXPECT_EQ(answer.status, 503) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr("asia"));
  }
  const auto session = lane.send(http::verb::get, "/v1/sessions", "", gone);
  EXPECT_EQ(session.status, 503) << session.body;
  EXPECT_THAT(session.body, HasSubstr("asia"));
  const auto new_one = lane.sign_up("new@example.com", "India");
  EXPECT_EQ(new_one.status, 503) << new_one.body;
  // A third of the other addresses can't be claimed; the rest can.
  int made = 0;
  for (int i = 0; i < 12; ++i) {
    const auto answer = lane.sign_up(fmt::format("new{}@example.com", i), "Germany");
    EXPECT_THAT(answer.status, testing::AnyOf(201, 503)) << answer.body;
    made += answer.status == 201 ? 1 : 0;
  }
  EXPECT_GE(made, 3);
}

}  // namespace
}  // namespace meridian::identity
