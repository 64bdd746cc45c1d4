// Who sees which profile, and what changing one does, on three regions.
#include <memory>

#include <gmock/gmock.h>

#include "profile/profile_api.hpp"
#include "support/identity_lane.hpp"

namespace meridian::profile {
namespace {

using test::identity_lane;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Anna (Canada), Bert (Germany) and Chie (Japan) share a workspace in Germany; Dora (Canada) is alone.
class profile_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"geo"});
    world->up({"--empty"});
    identity_lane lane(*world, "europe");
    const std::pair<const char*, const char*> people[] = {
        {"anna@example.com", "Canada"},
        {"bert@example.com", "Germany"},
        {"chie@example.com", "Japan"},
        {"dora@example.com", "Canada"}
    };
    for (const auto& [email, country] : people) {
      const auto made = lane.sign_up(email, country);
      ASSERT_EQ(made.status, 201) << made.body;
      ids.push_back(identity_lane::text_at(made, "id"));
    }
    world->connect("geo-europe", "meridian_service")
        .script(
            "INSERT INTO workspace_europe (id, name, url, country) VALUES (1, 'w', 'https://w.example', 'Germany');"
            "INSERT INTO workspaceprofile_europe (workspace_id, profile_id, workspace_country) VALUES (1, " +
            ids[0] + ", 'Germany'), (1, " + ids[1] + ", 'Germany'), (1, " + ids[2] + ", 'Germany')"
        );
  }
  static void TearDownTestSuite() { world.reset(); }

  profile_pgtest() : lane(*world, "americas"), service(lane.regions(), lane.accounts()), api(service, lane.guard()) {
    api.add_routes(lane.routes());
  }

  std::string token_of(int person) {
    static const char* const names[] = {"anna", "bert", "chie", "dora"};
    return lane.token_of(names[person] + std::string("@example.com"));
  }

  http::response get(const std::string& path, const std::string& token) {
    return lane.send(http::verb::get, path, "", token);
  }
  http::response patch(
      int person, const std::string& body, const std::string& token, identity_lane::headers more = {}
  ) {
    return lane.send(http::verb::patch, "/v1/profiles/" + ids[person], body, token, more);
  }

  std::vector<std::string> found(const std::string& query, const std::string& token) {
    const auto answer = get("/v1/profiles" + query, token);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<std::string> hits;
    const auto body = identity_lane::json(answer);
    for (const auto& item : body.at("items").as_array()) {
      hits.emplace_back(item.at("id").as_string());
    }
    return hits;
  }

  static inline std::unique_ptr<test::local_topology> world;
  static inline std::vector<std::string> ids;
  identity_lane lane;
  profile_service service;
  profile_api api;
};

TEST_F(profile_pgtest, people_of_one_workspace_see_each_other_and_nobody_else_does) {
  const auto anna = token_of(0);
  for (const int other : {0, 1, 2}) {
    const auto seen = get("/v1/profiles/" + ids[other], anna);
    EXPECT_EQ(seen.status, 200) << seen.body;
    EXPECT_EQ(identity_lane::text_at(seen, "id"), ids[other]);
  }
  EXPECT_EQ(get("/v1/profiles/" + ids[2], anna).headers.find("Meridian-Region"), "asia");
  const auto hidden = get("/v1/profiles/" + ids[3], anna);
  const auto unknown = get("/v1/profiles/424242", anna);
  EXPECT_EQ(hidden.status, 404);
  EXPECT_EQ(hidden.body, unknown.body);
  EXPECT_EQ(get("/v1/profiles/" + ids[0], token_of(3)).status, 404);
}

TEST_F(profile_pgtest, a_person_sees_all_their_profiles_together) {
  const auto dora = token_of(3);
  const auto second = lane.sign_up("dora@work.example", "India", dora);
  ASSERT_EQ(second.status, 201) << second.body;
  const auto me = get("/v1/profiles/me", dora);
  ASSERT_EQ(me.status, 200) << me.body;
  EXPECT_EQ(identity_lane::text_at(me, "id"), ids[3]);
  EXPECT_EQ(identity_lane::json(me).at("profiles").as_array().size(), 2U);
  EXPECT_EQ(get("/v1/profiles/" + identity_lane::text_at(second, "id"), dora).status, 200);
}

TEST_F(profile_pgtest, an_edit_has_a_version_and_is_the_persons_own) {
  const auto bert = token_of(1);
  const auto before = get("/v1/profiles/" + ids[1], bert);
  const std::string etag(before.headers.find("ETag").value_or(""));
  const auto changed = patch(1, R"({"title":"Engineer","phone":"123"})", bert, {{"If-Match", etag}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(identity_lane::text_at(changed, "title"), "Engineer");
  EXPECT_EQ(patch(1, R"({"title":"Late"})", bert, {{"If-Match", etag}}).status, 412);
  const auto again = patch(1, R"({"title":"Engineer","phone":"123"})", bert, {{"If-Match", etag}});
  EXPECT_EQ(again.status, 200) << "a repeat";
  EXPECT_EQ(again.body, changed.body);
  const auto cleared = patch(1, R"({"phone":""})", bert);
  EXPECT_TRUE(identity_lane::json(cleared).at("phone").is_null()) << cleared.body;
  EXPECT_EQ(identity_lane::text_at(cleared, "title"), "Engineer");
  EXPECT_EQ(patch(1, R"({"title":"Mine"})", token_of(0)).status, 404);
  EXPECT_EQ(patch(1, R"({"country":"India"})", bert).status, 400);
  EXPECT_EQ(patch(1, R"({"time_zone":"Mars/Olympus"})", bert).status, 400);
  EXPECT_EQ(patch(1, R"({"full_name":"  "})", bert).status, 400);
  EXPECT_EQ(patch(1, "{}", bert).status, 400);
  EXPECT_EQ(patch(1, R"({"time_zone":"Europe/Berlin"})", bert).status, 200);
  const auto noted =
      world->connect("geo-europe")
          .text(
              "SELECT string_agg(details->>'fields', ' ' ORDER BY number) FROM identity.audit_entry_europe "
              "WHERE action = 'profile edited' AND subject = 'profile:" +
              ids[1] + "'"
          );
  EXPECT_EQ(noted, R"(["title", "phone"] ["phone"] ["time_zone"])");
}

TEST_F(profile_pgtest, a_new_address_takes_the_password_and_frees_the_old_one) {
  const auto chie = token_of(2);
  EXPECT_EQ(patch(2, R"({"email":"chie@new.example"})", chie).status, 400);
  EXPECT_EQ(patch(2, R"({"email":"chie@new.example","password":"wrong wrong wrong"})", chie).status, 403);
  const auto password = R"(","password":")" + identity_lane::password + R"("})";
  EXPECT_EQ(patch(2, R"({"email":"anna@example.com)" + password, chie).status, 409);
  const auto changed = patch(2, R"({"email":"chie@new.example)" + password, chie);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(lane.sign_in("chie@new.example").status, 201);
  EXPECT_EQ(lane.sign_in("chie@example.com").status, 401);
  // Each checks a password, like signing in.
  const auto attempts = std::make_shared<rate_limiter>(rate_limit{.per_second = 1.0 / 60, .burst = 1});
  profile_api limited(service, lane.guard(), attempts);
  http::router routes;
  limited.add_routes(routes);
  const auto try_often = [&] {
    http::request made;
    made.method = http::verb::patch;
    made.path = "/v1/profiles/" + ids[2];
    made.headers.add("Authorization", "Bearer " + chie);
    made.body = R"({"email":"chie@new.example)" + password;
    made.peer_address = "127.0.0.1";
    made.until = deadline::in(std::chrono::seconds(8));
    return lane.answer(routes, std::move(made)).status;
  };
  EXPECT_EQ(try_often(), 200);
  EXPECT_EQ(try_often(), 429);
  const auto heir = lane.sign_up("chie@example.com", "Canada");
  EXPECT_EQ(heir.status, 201) << heir.body;
  const auto back = patch(2, R"({"email":"chie@third.example)" + password, chie);
  EXPECT_EQ(back.status, 200);
  EXPECT_EQ(patch(2, R"({"email":"chie@new.example)" + password, chie).status, 200);
}

TEST_F(profile_pgtest, colleagues_are_found_by_name_title_and_zone) {
  const auto anna = token_of(0);
  ASSERT_EQ(patch(0, R"({"full_name":"Anna Łąka","title":"50% Poet"})", anna).status, 200);
  ASSERT_EQ(patch(1, R"({"full_name":"bert Schmidt","time_zone":"Europe/Berlin"})", token_of(1)).status, 200);
  EXPECT_THAT(found("?query=łĄK", anna), ElementsAre(ids[0]));
  EXPECT_THAT(found("?query=50%", anna), ElementsAre(ids[0]));
  EXPECT_THAT(found("?query=5_%", anna), IsEmpty());
  EXPECT_THAT(found("?query=POET", anna), ElementsAre(ids[0]));
  EXPECT_THAT(found("?time_zone=Europe/Berlin", anna), ElementsAre(ids[1]));
  EXPECT_THAT(found("", anna), ElementsAre(ids[0], ids[1], ids[2]));
  EXPECT_THAT(found("", token_of(3)), IsEmpty());
  // By page, the same.
  std::vector<std::string> paged;
  std::string cursor;
  for (int pages = 0; pages < 5; ++pages) {
    const auto answer = get("/v1/profiles?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor), anna);
    const auto body = identity_lane::json(answer);
    for (const auto& item : body.at("items").as_array()) {
      paged.emplace_back(item.at("id").as_string());
    }
    if (body.at("next_cursor").is_null()) {
      break;
    }
    cursor = body.at("next_cursor").as_string();
  }
  EXPECT_EQ(paged, found("", anna));
}

}  // namespace
}  // namespace meridian::profile
