// Every route of workspaces and channels, asked by everybody: what each may see and do. And that every statement is one
// that the server understands.
#include <gmock/gmock.h>

#include "messaging/queries.hpp"
#include "support/organisation_lane.hpp"

namespace meridian::messaging {
namespace {

using organisation_pgtest = test::organisation_suite;
using http::verb;

constexpr std::int64_t owner = 1;
constexpr std::int64_t admin = 3;
constexpr std::int64_t guest = 4;
constexpr std::int64_t member_in = 5;   // of the private and the direct channel
constexpr std::int64_t stranger = 6;    // of another workspace
constexpr std::int64_t member_out = 8;  // of the workspace, and of no channel

struct expectation {
  verb method;
  std::string target;
  std::string body;
  std::vector<int> statuses;  // of stranger, guest, member_out, member_in, admin, owner, asked in this order
};

TEST_F(organisation_pgtest, each_may_do_what_his_role_allows) {
  const auto where = found_company("India");
  let_in(where, member_out, "member");
  const auto open = make_channel(where, "open", false, {member_in});
  const auto closed = make_channel(where, "closed", true, {member_in});
  const auto direct = lane.run(lane.channels.open_direct(as(owner), where.id, {member_in}, soon())).value().row;
  const auto path = fmt::format("/v1/workspaces/{}", where.id);
  const auto of = [](const channel& one) { return fmt::format("/v1/channels/{}", one.id); };
  const std::vector<expectation> expectations{
      {verb::get, path, "", {404, 200, 200, 200, 200, 200}},
      {verb::patch, path, R"({"name": "New"})", {404, 403, 403, 403, 200, 200}},
      {verb::get, path + "/members", "", {404, 200, 200, 200, 200, 200}},
      {verb::put, path + "/members/4", R"({"role": "guest"})", {404, 403, 403, 403, 200, 200}},
      {verb::put, path + "/members/1", R"({"role": "owner"})", {404, 403, 403, 403, 403, 200}},
      {verb::put, path + "/members/7", R"({"role": "guest"})", {404, 404, 404, 404, 404, 404}},
      {verb::remove, path + "/members/7", "", {404, 403, 403, 403, 204, 204}},
      {verb::get, path + "/invitations", "", {404, 403, 403, 403, 200, 200}},
      {verb::post, path + "/invitations", "{}", {404, 403, 403, 403, 201, 201}},
      {verb::post, path + "/invitations", R"({"role": "owner"})", {404, 403, 403, 403, 403, 201}},
      {verb::get, path + "/channels", "", {404, 200, 200, 200, 200, 200}},
      {verb::post, path + "/channels", R"({"name": "open"})", {404, 403, 409, 409, 409, 409}},
      {verb::post, path + "/channels", R"({"profile_ids": []})", {404, 201, 201, 201, 201, 201}},
      {verb::get, of(open), "", {404, 404, 200, 200, 200, 200}},
      {verb::get, of(closed), "", {404, 404, 404, 200, 404, 200}},
      {verb::get, of(direct), "", {404, 404, 404, 200, 404, 200}},
      {verb::get, of(open) + "/members", "", {404, 404, 200, 200, 200, 200}},
      {verb::get, of(closed) + "/members", "", {404, 404, 404, 200, 404, 200}},
      {verb::get, of(direct) + "/members", "", {404, 404, 404, 200, 404, 200}},
      {verb::patch, of(open), R"({"topic": "t"})", {404, 404, 403, 200, 200, 200}},
      {verb::patch, of(open), R"({"name": "open"})", {404, 404, 403, 403, 200, 200}},
      {verb::patch, of(open), R"({"is_archived": false})", {404, 404, 403, 403, 200, 200}},
      {verb::patch, of(closed), R"({"topic": "t"})", {404, 404, 404, 200, 404, 200}},
      {verb::patch, of(closed), R"({"name": "closed"})", {404, 404, 404, 403, 404, 200}},
      {verb::patch, of(direct), R"({"name": "x"})", {404, 404, 404, 403, 404, 409}},
      {verb::put, of(closed) + "/members/8", "", {404, 404, 404, 204, 404, 204}},
      {verb::remove, of(closed) + "/members/8", "", {404, 404, 204, 403, 404, 204}},
      {verb::put, of(direct) + "/members/3", "", {404, 404, 404, 409, 404, 409}},
      {verb::remove, of(open) + "/members/9", "", {404, 404, 403, 403, 204, 204}},
      {verb::get, "/v1/channels/999999", "", {404, 404, 404, 404, 404, 404}},
      {verb::get, "/v1/workspaces/999999", "", {404, 404, 404, 404, 404, 404}},
      {verb::remove, "/v1/invitations/999999", "", {404, 404, 404, 404, 404, 404}},
  };
  for (const auto& one : expectations) {
    std::size_t at = 0;
    for (const auto profile_id : {stranger, guest, member_out, member_in, admin, owner}) {
      const auto answer = lane.send(profile_id, one.method, one.target, one.body);
      EXPECT_EQ(answer.status, one.statuses.at(at++)) << http::to_string(one.method) << " " << one.target << " "
                                                      << one.body << " by " << profile_id << ": " << answer.body;
      // Who may not see it learns nothing about it.
      if (answer.status == 404) {
        EXPECT_EQ(answer.body.find("closed"), std::string::npos) << answer.body;
        EXPECT_FALSE(answer.headers.find("Meridian-Region")) << one.target;
      }
    }
  }
}

TEST_F(organisation_pgtest, routes_speak_json) {
  const auto key = std::pair<std::string, std::string>("Idempotency-Key", "k-1");
  const std::string body = R"({"name": "Spoken", "url": "https://spoken.example.org", "country": "Germany"})";
  const auto created = lane.send(owner, verb::post, "/v1/workspaces", body, {key});
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(created.headers.find("Meridian-Region"), "europe");
  EXPECT_EQ(created.headers.find("ETag"), "\"1\"");
  EXPECT_EQ(lane.send(owner, verb::post, "/v1/workspaces", body, {key}).status, 200);
  const auto shown = boost::json::parse(created.body);
  EXPECT_EQ(shown.at("role"), "owner");
  EXPECT_EQ(shown.at("region"), "europe");
  const auto path = "/v1/workspaces/" + std::string(shown.at("id").as_string());
  EXPECT_EQ(lane.send(owner, verb::patch, path, R"({"name": "A"})", {{"If-Match", "\"7\""}}).status, 412);
  EXPECT_EQ(lane.send(owner, verb::patch, path, R"({"name": "A"})", {{"If-Match", "\"1\""}}).status, 200);

  const auto invitation = lane.send(owner, verb::post, path + "/invitations", R"({"role": "guest", "uses_max": 2})");
  ASSERT_EQ(invitation.status, 201) << invitation.body;
  const auto token = std::string(boost::json::parse(invitation.body).at("token").as_string());
  const auto with_token = fmt::format(R"({{"token": "{}"}})", token);
  const auto preview = lane.send(stranger, verb::post, "/v1/invitations/preview", with_token);
  EXPECT_EQ(boost::json::parse(preview.body).at("workspace").at("name"), "A");
  EXPECT_EQ(lane.send(stranger, verb::post, "/v1/invitations/accept", with_token).status, 201);
  EXPECT_EQ(lane.send(stranger, verb::post, "/v1/invitations/accept", with_token).status, 200);
  const auto listed = lane.send(owner, verb::get, path + "/invitations");
  EXPECT_EQ(listed.body.find("token"), std::string::npos) << listed.body;

  const auto channel = lane.send(owner, verb::post, path + "/channels", R"({"name": "c", "topic": "t"})", {key});
  ASSERT_EQ(channel.status, 201) << channel.body;
  EXPECT_EQ(lane.send(owner, verb::post, path + "/channels", R"({"name": "c"})", {key}).status, 200);
  const auto seen = boost::json::parse(channel.body);
  for (const auto* field :
       {"id", "workspace_id", "name", "topic", "is_private", "is_direct", "is_archived", "is_member", "last_seq",
        "change_seq", "read_seq", "unread_count", "direct_profile_ids", "region", "version", "created_at",
        "created_by"}) {
    EXPECT_TRUE(seen.as_object().contains(field)) << field;
  }
  const auto members = lane.send(owner, verb::get, path + "/members?limit=1");
  const auto page = boost::json::parse(members.body);
  EXPECT_EQ(page.at("items").at(0).at("profile").at("full_name"), "Mark Smith");
  EXPECT_TRUE(page.at("next_cursor").is_string());
}

TEST_F(organisation_pgtest, what_is_wrong_in_a_request_is_named) {
  const auto where = found_company();
  const auto path = fmt::format("/v1/workspaces/{}", where.id);
  const std::vector<std::array<std::string, 3>> wrong{
      {"/v1/workspaces", R"({"name": "x", "url": "x", "country": "USA"})", "url"},
      {"/v1/workspaces", R"({"name": "x", "url": "https://x.org", "country": "Narnia"})", "country"},
      {"/v1/workspaces", R"({"url": "https://x.org", "country": "USA"})", "name"},
      {path + "/channels", R"({"name": "a b"})", "name"},
      {path + "/channels", R"({"name": 5})", "name"},
      {path + "/channels", R"({"name": "x", "member_ids": ["y"]})", "member_ids"},
      {path + "/channels", R"({"name": "x", "profile_ids": []})", "name"},
      {path + "/channels", R"({"name": "x", "topic": 1})", "topic"},
      {path + "/invitations", R"({"role": "king"})", "role"},
      {path + "/invitations", R"({"uses_max": 0})", "uses_max"},
      {path + "/invitations", R"({"expires_in_s": 1e9})", "expires_in_s"},
      {"/v1/invitations/accept", "{}", "token"},
  };
  for (const auto& [target, body, field] : wrong) {
    const auto answer = lane.send(owner, verb::post, target, body);
    EXPECT_EQ(answer.status, 400) << body << answer.body;
    EXPECT_NE(answer.body.find("\"" + field + "\""), std::string::npos) << answer.body;
  }
  EXPECT_EQ(lane.send(owner, verb::get, path + "/channels?member=maybe").status, 400);
  EXPECT_EQ(lane.send(owner, verb::get, path + "/channels?cursor=zzz").status, 400);
  EXPECT_EQ(lane.send(owner, verb::get, path + "/members?limit=1000").status, 400);
}

TEST_F(organisation_pgtest, every_statement_is_understood_in_every_region) {
  for (const std::string region : {"americas", "europe", "asia"}) {
    auto at = world->connect("geo-" + region, "meridian_service");
    for (const auto* one : queries::all) {
      std::string text(one->text);
      for (std::size_t found = 0; (found = text.find("${region}")) != std::string::npos;) {
        text.replace(found, 9, region);
      }
      const auto prepared = at.script(fmt::format("PREPARE {} AS {}", one->name, text));
      EXPECT_TRUE(prepared) << one->name << " in " << region << ": " << to_string(prepared.error());
    }
  }
}

}  // namespace
}  // namespace meridian::messaging
