// Oceans crossed by each request, counted and not timed: none for a row that rests here, exactly one for a row that
// rests elsewhere. The americas' serving process reaches the other regions' nodes through proxies that count.
#include <array>
#include <chrono>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lab/bench_data.hpp"
#include "lab/wan_proxy.hpp"
#include "support/http_client.hpp"
#include "support/http_get.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"
#include "topology/topology_file.hpp"

namespace meridian::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

const std::array regions{std::string("americas"), std::string("europe"), std::string("asia")};
constexpr auto ocean = 40ms;  // each way

class round_trips_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    stage_ = std::make_unique<stage>();
    ASSERT_NE(stage_->person, nullptr);
  }
  static void TearDownTestSuite() { stage_.reset(); }

  struct stage {
    stage();
    void make_data(const std::string& region);
    void serve();

    local_topology world{{"geo"}};
    std::unique_ptr<topology::topology> parsed;
    std::vector<lab::bench_data> data;
    std::vector<std::unique_ptr<lab::wan_proxy>> oceans;  // to europe and asia
    std::unique_ptr<child> server;
    std::unique_ptr<http_client> person;
  };

  // The channel of a region, in a path.
  static std::string channel_of(std::size_t region) {
    return fmt::format("/v1/channels/{}", stage_->data[region].first_channel_id);
  }

  static std::uint64_t crossed() {
    std::uint64_t count = 0;
    for (const auto& one : stage_->oceans) {
      count += one->counts().round_trips;
    }
    return count;
  }

  struct posted {
    std::string path;
    std::string id;
    std::int64_t seq = 0;
  };

  static posted post_to(std::size_t region) {
    const auto answer = stage_->person->ask("POST", channel_of(region) + "/messages", R"({"text":"across"})");
    EXPECT_EQ(answer.status, 201) << answer.body;
    const auto made = answer.json();
    const std::string id(made.at("id").as_string());
    return {"/v1/messages/" + id, id, made.at("seq").as_int64()};
  }

  // Asks once to warm up, and then counts.
  static void expect_crossings(
      std::uint64_t expected, const std::string& method, const std::string& target, const std::string& body = "",
      int status = 200
  ) {
    const auto before = crossed();
    const auto begin = clock::now();
    const auto answer = stage_->person->ask(method, target, body);
    const auto took = clock::now() - begin;
    EXPECT_EQ(answer.status, status) << method << " " << target << ": " << answer.body;
    EXPECT_EQ(crossed() - before, expected) << method << " " << target;
    EXPECT_GE(took, expected * 2 * ocean) << method << " " << target;
  }

  // Connections are open, the session is confirmed, homes are known.
  static void warm_up() {
    for (std::size_t region = 0; region < regions.size(); ++region) {
      for (int i = 0; i < 4; ++i) {
        post_to(region);
        stage_->person->get(channel_of(region) + "/messages?limit=50");
      }
    }
  }

  static void expect_each_operation(std::size_t region, std::uint64_t expected);

  static std::unique_ptr<stage> stage_;
};

std::unique_ptr<round_trips_systest::stage> round_trips_systest::stage_;

round_trips_systest::stage::stage() {
  world.up();
  auto read = topology::read_topology(world.file());
  EXPECT_TRUE(read) << read.error().message;
  parsed = std::make_unique<topology::topology>(std::move(*read));
  for (const auto& region : regions) {
    make_data(region);
  }
  if (data.size() < regions.size()) {
    return;
  }
  // An american in every channel.
  for (std::size_t i = 1; i < regions.size(); ++i) {
    world.connect("geo-" + regions[i])
        .text(fmt::format(
            "WITH joined AS (INSERT INTO workspaceprofile_{0} (workspace_id, profile_id, workspace_country) "
            "VALUES ({1}, {2}, '{3}')) "
            "INSERT INTO channel_member_{0} (channel_id, profile_id, country) VALUES ({4}, {2}, '{3}')",
            regions[i], data[i].workspace_id, data[0].first_person_id, data[i].country, data[i].first_channel_id
        ));
  }
  serve();
}

void round_trips_systest::stage::make_data(const std::string& region) {
  const auto owner = world.endpoint("geo-" + region, "meridian_admin", world.password_of("meridian_admin"));
  const auto country = std::ranges::find(parsed->countries, region, &topology::country::region)->name;
  auto made = lab::prepare_data(owner, parsed->region_named(region), country, {1, 1, 60}, [](std::int64_t) {});
  ASSERT_TRUE(made) << made.error().message;
  data.push_back(std::move(*made));
}

// The same topology in a second file, in which the other regions are behind the proxies.
void round_trips_systest::stage::serve() {
  auto text = read_text(world.file());
  for (std::size_t i = 1; i < regions.size(); ++i) {
    lab::wan_settings settings;
    settings.target_address = world.address_of("geo-" + regions[i]);
    settings.target_port = world.sql_port();
    settings.latency = ocean;
    auto started = lab::wan_proxy::start(settings);
    ASSERT_TRUE(started) << started.error().message;
    oceans.push_back(std::move(*started));
    const auto node = text.find(fmt::format("name = \"geo-{}\"\n", regions[i]));
    const auto address = text.find("address = ", node);
    const auto end = text.find('\n', address);
    ASSERT_NE(node, std::string::npos);
    text.replace(address, end - address, fmt::format("address = \"127.0.0.1\"\nport = {}", oceans.back()->port()));
  }
  const auto file = world.directory() / "behind_oceans.toml";
  std::ofstream(file) << text;
  const auto port = free_ports().first;
  auto what = world.command(
      {"serve", "--region", "americas", "--listen", "127.0.0.1", "--port", std::to_string(port), "--lanes", "1",
       "--rate-limit", "0", "--watch-interval", "0"}
  );
  what.arguments[2] = file.string();
  server = std::make_unique<child>(what);
  if (!wait_until([&] { return http_get("127.0.0.1", port, "/readyz").status == 200; }, 20s)) {
    server->kill_group();
    FAIL() << server->wait().said();
  }
  person = std::make_unique<http_client>("127.0.0.1", port);
  person->set_token(data[0].tokens[0]);
}

void round_trips_systest::expect_each_operation(std::size_t region, std::uint64_t expected) {
  warm_up();
  const auto channel = channel_of(region);
  const auto root = post_to(region);
  const auto& message = root.path;
  const auto later = post_to(region);
  expect_crossings(expected, "POST", channel + "/messages", R"({"text":"counted"})", 201);
  expect_crossings(expected, "POST", channel + "/messages", R"({"text":"once","client_msg_id":"once"})", 201);
  expect_crossings(
      expected, "POST", channel + "/messages", fmt::format(R"({{"text":"an answer","thread_root_id":"{}"}})", root.id),
      201
  );
  expect_crossings(expected, "PATCH", message, R"({"text":"edited"})");
  expect_crossings(expected, "PUT", message + "/reactions/%F0%9F%91%8D");
  expect_crossings(expected, "DELETE", message + "/reactions/%F0%9F%91%8D");
  expect_crossings(expected, "GET", message);
  expect_crossings(expected, "GET", message + "/replies");
  expect_crossings(expected, "GET", message + "/history");
  expect_crossings(expected, "GET", channel + "/messages?limit=50");
  expect_crossings(expected, "GET", channel + "/messages?limit=50&before_seq=40");
  expect_crossings(expected, "GET", channel + "/changes?after=0");
  expect_crossings(expected, "PUT", channel + "/read", fmt::format(R"({{"seq":{}}})", later.seq));
  expect_crossings(expected, "GET", channel);
  expect_crossings(expected, "DELETE", later.path, "", 204);
}

TEST_F(round_trips_systest, a_row_that_rests_here_crosses_no_ocean) {
  expect_each_operation(0, 0);
}

TEST_F(round_trips_systest, a_row_in_europe_crosses_one_ocean) {
  expect_each_operation(1, 1);
}

TEST_F(round_trips_systest, a_row_in_asia_crosses_one_ocean) {
  expect_each_operation(2, 1);
}

// Ids of the sample say nothing about their region: all are asked, side by side, and once.
TEST_F(round_trips_systest, a_small_id_asks_all_regions_once) {
  warm_up();
  stage_->world.connect("geo-asia")
      .text(fmt::format(
          "INSERT INTO channel_member_asia (channel_id, profile_id, country) VALUES (8, {}, 'India')",
          stage_->data[0].first_person_id
      ));
  constexpr auto wider = 150ms;
  for (const auto& one : stage_->oceans) {
    one->set_latency(wider);
  }
  const auto before = crossed();
  const auto begin = clock::now();
  const auto answer = stage_->person->get("/v1/channels/8/messages?limit=50");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(crossed() - before, 2 + 1);        // two regions that might have it, and then the one that does
  EXPECT_LT(clock::now() - begin, 6 * wider);  // one after the other, it would be that long
  for (const auto& one : stage_->oceans) {
    one->set_latency(ocean);
  }
  expect_crossings(1, "GET", "/v1/channels/8/messages?limit=50");
}

// What happens by itself stays here as well.
TEST_F(round_trips_systest, a_signed_in_person_who_does_nothing_crosses_no_ocean) {
  warm_up();
  const auto before = crossed();
  wait_until([] { return false; }, 3s);
  EXPECT_EQ(crossed() - before, 0U);
}

}  // namespace
}  // namespace meridian::test
