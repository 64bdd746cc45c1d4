// What the console shows of three running deployments, to whom, and who may press its buttons.
#include <memory>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "console/console_api.hpp"
#include "console/queries.hpp"
#include "support/identity_lane.hpp"

namespace meridian::console {
namespace {

using namespace std::chrono_literals;
using test::identity_lane;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Remembers what it was asked for.
class noted_lab final : public lab_actions {
 public:
  task<void> act(const topology::node& on, node_action what, deadline) override {
    done.push_back(fmt::format("{} {}", on.name, static_cast<int>(what)));
    co_return result<void>();
  }
  task<void> act(const topology::node& from, const topology::node& to, link_action what, deadline) override {
    done.push_back(fmt::format("{} {} {}", from.name, to.name, static_cast<int>(what)));
    co_return result<void>();
  }
  std::optional<topology::restore> last_restore_of(const topology::deployment& part) const override {
    const timestamp at(std::chrono::seconds(1'800'000'000));
    return part.name == "reminders" ? std::optional(topology::restore{"failover", 820ms, at}) : std::nullopt;
  }

  std::vector<std::string> done;
};

// Owen owns a workspace in Germany, Mia is its member, Sam (Japan) is in none.
class console_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>();
    world->up({"--empty"});
    identity_lane lane(*world, "europe");
    const std::pair<const char*, const char*> people[] = {
        {"owen@example.com", "Germany"}, {"mia@example.com", "Canada"}, {"sam@example.com", "Japan"}
    };
    for (const auto& [email, country] : people) {
      const auto made = lane.sign_up(email, country);
      ASSERT_EQ(made.status, 201) << made.body;
      ids.push_back(identity_lane::text_at(made, "id"));
    }
    const auto script = fmt::format(
        "INSERT INTO workspace_europe (id, name, url, country) VALUES (900, 'w', 'https://w.example', 'Germany');"
        "INSERT INTO workspaceprofile_europe (workspace_id, profile_id, workspace_country, role)"
        " VALUES (900, {0}, 'Germany', 'owner'), (900, {1}, 'Germany', 'member');"
        "INSERT INTO channel_europe (id, name, workspace_id, is_direct, country, is_private)"
        " VALUES (901, 'open', 900, false, 'Germany', false), (902, 'closed', 900, false, 'Germany', true);"
        "INSERT INTO message_europe (id, channel_id, sender_id, message, country)"
        " VALUES (903, 901, {0}, 'hello', 'Germany'), (904, 902, {0}, 'secret', 'Germany')",
        ids[0], ids[1]
    );
    world->connect("geo-europe", "meridian_admin").script(script);
  }
  static void TearDownTestSuite() { world.reset(); }

  console_pgtest() : lane(*world, "americas"), lab(std::make_shared<noted_lab>()) {
    pg::endpoint sign_in;
    sign_in.database = "meridian";
    sign_in.user = "meridian_service";
    sign_in.password = world->password_of("meridian_service");
    watch = std::make_unique<observer>(lane.regions(), sign_in);
    api = std::make_unique<console_api>(
        *watch, lane.regions(), lane.guard(), console_settings{"test", "a key of the tests", lab}
    );
    api->add_routes(lane.routes());
  }

  std::string token_of(const std::string& name) { return lane.token_of(name + "@example.com"); }

  http::response get(const std::string& path, const std::string& token, identity_lane::headers more = {}) {
    return lane.send(http::verb::get, path, "", token, more);
  }

  std::vector<std::string> kinds_of(const std::string& id, const std::string& token) {
    const auto answer = get("/v1/residency/" + id, token);
    std::vector<std::string> kinds;
    if (answer.status != 200) {
      EXPECT_EQ(answer.status, 404) << answer.body;
      return kinds;
    }
    const auto body = identity_lane::json(answer);
    for (const auto& item : body.at("items").as_array()) {
      kinds.emplace_back(item.at("kind").as_string());
    }
    return kinds;
  }

  static inline std::unique_ptr<test::local_topology> world;
  static inline std::vector<std::string> ids;
  identity_lane lane;
  std::shared_ptr<noted_lab> lab;
  std::unique_ptr<observer> watch;
  std::unique_ptr<console_api> api;
};

TEST_F(console_pgtest, statements_fit_the_schema) {
  for (const auto* query : queries::all) {
    std::string text(query->text);
    for (auto at = text.find("${region}"); at != std::string::npos; at = text.find("${region}")) {
      text.replace(at, std::string_view("${region}").size(), "asia");
    }
    const auto node = query == &queries::count_reminder ? "reminders-americas"
                      : query == &queries::count_status ? "status-europe"
                                                        : "geo-asia";
    auto session = world->connect(node, "meridian_service");
    EXPECT_EQ(session.refusal(fmt::format("PREPARE {} AS {}", query->name, text)), "") << query->name;
  }
}

TEST_F(console_pgtest, nothing_is_shown_to_strangers) {
  for (const auto* path : {"/v1/topology", "/v1/topology/health", "/v1/residency/1", "/v1/lab"}) {
    EXPECT_EQ(get(path, "").status, 401) << path;
  }
}

TEST_F(console_pgtest, the_topology_is_the_file) {
  const auto answer = get("/v1/topology", token_of("sam"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto body = identity_lane::json(answer);
  EXPECT_EQ(body.at("regions").as_array().size(), 3U);
  EXPECT_EQ(body.at("served_by").at("region").as_string(), "americas");
  std::vector<std::string> addresses;
  for (const auto& part : body.at("deployments").as_array()) {
    for (const auto& node : part.at("nodes").as_array()) {
      addresses.emplace_back(node.at("address").as_string());
    }
  }
  EXPECT_THAT(addresses, testing::SizeIs(8));
  const auto& tiers = body.at("tiers").as_array();
  EXPECT_TRUE(tiers.at(0).at("last_restore").is_null());
  EXPECT_EQ(tiers.at(1).at("last_restore").at("took_ms").as_int64(), 820);
  EXPECT_THAT(addresses, Contains(fmt::format("{}:{}", world->address_of("geo-asia"), world->sql_port())));
}

TEST_F(console_pgtest, health_tells_of_each_node_link_and_table) {
  const auto answer = get("/v1/topology/health", token_of("sam"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto body = identity_lane::json(answer);
  int replicas = 0;
  for (const auto& node : body.at("nodes").as_array()) {
    EXPECT_TRUE(node.at("is_reachable").as_bool()) << serialize(node);
    replicas += node.at("role").as_string() == "replica" ? 1 : 0;
  }
  EXPECT_EQ(replicas, 2);
  std::vector<std::string> links;
  for (const auto& link : body.at("links").as_array()) {
    links.push_back(fmt::format("{} {}", link.at("kind").as_string().c_str(), link.at("state").as_string().c_str()));
  }
  EXPECT_THAT(links, ElementsAre("streaming running", "streaming running", "logical running", "logical running"));
  std::vector<std::string> rows;
  for (const auto& table : body.at("tables").as_array()) {
    rows.push_back(fmt::format(
        "{} {} {}", table.at("table").as_string().c_str(), table.at("node").as_string().c_str(),
        table.at("rows").as_int64()
    ));
  }
  EXPECT_THAT(rows, Contains("message geo-europe 2"));
  EXPECT_THAT(rows, Contains("message geo-asia 0"));
  EXPECT_THAT(rows, Contains("profile geo-asia 1"));
  EXPECT_THAT(rows, Contains(StartsWith("reminder ")).Times(3));
  EXPECT_THAT(rows, Contains(StartsWith("status ")).Times(2));
}

TEST_F(console_pgtest, a_row_is_shown_to_who_may_see_it) {
  const auto owen = token_of("owen");
  const auto mia = token_of("mia");
  const auto sam = token_of("sam");
  EXPECT_THAT(kinds_of("900", owen), ElementsAre("workspace"));
  EXPECT_THAT(kinds_of("901", mia), ElementsAre("channel"));
  EXPECT_THAT(kinds_of("903", mia), ElementsAre("message"));
  // A private channel that neither is in.
  EXPECT_THAT(kinds_of("902", mia), IsEmpty());
  EXPECT_THAT(kinds_of("904", mia), IsEmpty());
  EXPECT_THAT(kinds_of("904", owen), IsEmpty());
  for (const auto* id : {"900", "901", "902", "903", "904", "905"}) {
    EXPECT_THAT(kinds_of(id, sam), IsEmpty()) << id;
  }
  EXPECT_THAT(kinds_of(ids[0], mia), ElementsAre("profile"));
  EXPECT_THAT(kinds_of(ids[0], sam), IsEmpty());
  EXPECT_THAT(kinds_of(ids[2], sam), ElementsAre("profile"));
}

TEST_F(console_pgtest, a_row_is_where_it_is_said_to_be) {
  const auto answer = get("/v1/residency/903", token_of("mia"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto item = identity_lane::json(answer).at("items").at(0);
  EXPECT_EQ(item.at("region").as_string(), "europe");
  EXPECT_EQ(item.at("partition").as_string(), "message_europe");
  EXPECT_EQ(item.at("node").as_string(), "geo-europe");
  EXPECT_EQ(item.at("moves_with").at("id").as_string(), "901");
  const std::string file(item.at("file").as_string());
  EXPECT_EQ(world->sql("geo-europe", "SELECT pg_relation_filepath('message_europe')"), file);
  EXPECT_TRUE(std::filesystem::exists(world->data_directory("geo-europe") / file)) << file;
}

TEST_F(console_pgtest, buttons_are_for_those_in_charge) {
  EXPECT_THAT(get("/v1/lab", token_of("mia")).body, HasSubstr(R"("may_act":false,"token":null)"));
  const auto offered = get("/v1/lab", token_of("owen"));
  const auto permit = identity_lane::text_at(offered, "token");
  ASSERT_NE(permit, "");
  const auto press = [&](const std::string& path, identity_lane::headers headers) {
    return lane.send(http::verb::post, "/v1/lab/" + path, "", "", headers).status;
  };
  EXPECT_EQ(press("nodes/geo-asia/kill", {}), 403);
  EXPECT_EQ(press("nodes/geo-asia/kill", {{"Meridian-Lab-Token", permit + "x"}}), 403);
  EXPECT_EQ(press("nodes/geo-asia/kill", {{"Meridian-Lab-Token", permit}, {"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(press("nodes/nobody/kill", {{"Meridian-Lab-Token", permit}}), 404);
  EXPECT_EQ(press("nodes/geo-asia/erase", {{"Meridian-Lab-Token", permit}}), 404);
  EXPECT_THAT(lab->done, IsEmpty());
  EXPECT_EQ(press("nodes/geo-asia/kill", {{"Meridian-Lab-Token", permit}}), 204);
  EXPECT_EQ(press("links/status-americas/status-europe/cut", {{"Meridian-Lab-Token", permit}}), 204);
  EXPECT_THAT(lab->done, ElementsAre("geo-asia 0", "status-americas status-europe 0"));
  // The permit opens what is needed to see the effect, and nothing else.
  EXPECT_EQ(get("/v1/topology/health", "", {{"Meridian-Lab-Token", permit}}).status, 200);
  EXPECT_EQ(get("/v1/residency/903", "", {{"Meridian-Lab-Token", permit}}).status, 401);
}

TEST_F(console_pgtest, a_dead_node_is_told_and_found_again) {
  const auto token = token_of("mia");  // Canada
  const auto asia = [&]() -> std::string {
    lane.run_for(std::chrono::milliseconds(1100));
    const auto body = identity_lane::json(get("/v1/topology/health", token));
    for (const auto& node : body.at("nodes").as_array()) {
      if (node.at("name").as_string() == "geo-asia") {
        return node.at("is_reachable").as_bool() ? "reachable" : std::string(node.at("problem").as_string());
      }
    }
    return "not there";
  };
  EXPECT_EQ(asia(), "reachable");
  world->freeze_node("geo-asia");
  EXPECT_THAT(asia(), testing::Not("reachable"));
  world->thaw_node("geo-asia");
  EXPECT_EQ(asia(), "reachable");
}

}  // namespace
}  // namespace meridian::console
