// The bus of a local topology: what happens through one process is told in every region, and nothing of it stays.
#include <csignal>
#include <memory>
#include <regex>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <gtest/gtest-spi.h>

#include "support/http_client.hpp"
#include "support/local_topology.hpp"
#include "support/nats_listener.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class bus_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"geo"});
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  static nats_sign_in sign_in(const std::string& address) {
    nats_sign_in made;
    made.address = address;
    made.port = world->bus_port();
    made.account = "meridian";
    made.password = world->password_of("bus.password");
    return made;
  }

  static std::string subject(const std::string& topic) { return fmt::format("test-{}.{}", world->sql_port(), topic); }

  static json::value server_of(const std::string& region) {
    const auto status = json::parse(world->run({"status", "--json"}).output);
    for (const auto& server : status.at("bus").as_array()) {
      if (server.at("region").as_string() == region) {
        return server;
      }
    }
    return {};
  }

  static pid_t pid_of(const std::string& region) {
    const auto server = server_of(region);
    const auto* pid = server.as_object().if_contains("pid");
    return pid == nullptr ? 0 : static_cast<pid_t>(pid->as_int64());
  }

  static std::unique_ptr<http_client> client_in(const std::string& region, const std::string& email) {
    auto client = std::make_unique<http_client>("127.0.0.1", world->serve_port(region));
    client->sign_in(email, world->password_of("sample.password"));
    return client;
  }

  static std::string state_of(const std::string& region) {
    http_client client("127.0.0.1", world->serve_port(region));
    const auto reply = client.get("/readyz");
    return reply.status == 0 ? reply.trouble
                             : fmt::format("{} {}", reply.status, std::string(reply.json().at("status").as_string()));
  }

  static std::int64_t metric(const std::string& region, const std::string& name) {
    http_client client("127.0.0.1", world->serve_port(region));
    const auto body = client.get("/metrics").body;
    std::smatch found;
    return std::regex_search(body, found, std::regex("\n" + name + " ([0-9.e+]+)"))
               ? static_cast<std::int64_t>(std::stod(found[1]))
               : -1;
  }

  static inline std::unique_ptr<local_topology> world;
};

TEST_F(bus_systest, a_post_in_one_region_is_heard_in_another) {
  nats_listener asia(sign_in("127.0.0.3"), subject("channel.8"));
  nats_listener europe(sign_in("127.0.0.2"), subject("channel.8"));
  auto venkat = client_in("americas", "vsharma@techmahindra.com");
  // The gateways learn of a subscription a moment after it was made.
  const auto is_heard = [&](nats_listener& by) {
    EXPECT_EQ(venkat->post("/v1/channels/8/messages", {{"text", "does anybody hear?"}}).status, 201);
    return !by.next(500ms).empty();
  };
  ASSERT_TRUE(wait_until([&] { return is_heard(asia) && is_heard(europe); }, 30s));
  for (auto* one : {&asia, &europe}) {
    while (!one->next(500ms).empty()) {
    }
  }
  const auto posted = venkat->post("/v1/channels/8/messages", {{"text", "heard everywhere"}});
  ASSERT_EQ(posted.status, 201) << posted.body;
  const auto seq = posted.json().at("seq").as_int64();
  const auto frame = fmt::format(
      R"({{"type":"message","channel_id":"8","seq":{0},"change_seq":{0},"message":{1}}})", seq, posted.body
  );
  EXPECT_THAT(asia.next(), testing::EndsWith(frame));
  EXPECT_THAT(europe.next(), testing::EndsWith(frame));
  const auto id = std::string(posted.json().at("id").as_string());
  EXPECT_EQ(venkat->put("/v1/messages/" + id + "/reactions/tada").status, 200);
  const auto change =
      fmt::format(R"({{"type":"change","channel_id":"8","change_seq":{},"message":{{"id":"{}")", seq + 1, id);
  EXPECT_THAT(asia.next(), HasSubstr(change));
  EXPECT_GE(metric("americas", "meridian_bus_published_total"), 2);
  EXPECT_EQ(metric("americas", "meridian_bus_connected"), 1);
  EXPECT_EQ(metric("americas", "meridian_bus_lost_total"), 0);
}

// Contents are in no file of the servers and in no log, and passwords are in no argument.
TEST_F(bus_systest, nothing_rests_and_nothing_is_shown) {
  auto venkat = client_in("americas", "vsharma@techmahindra.com");
  ASSERT_EQ(venkat->post("/v1/channels/8/messages", {{"text", "a very particular text"}}).status, 201);
  const auto password = world->password_of("bus.password");
  ASSERT_GE(password.size(), 20U);
  int files = 0;
  for (const auto& folder : {"bus", "serve"}) {
    for (const auto& entry : fs::directory_iterator(world->state_directory() / folder)) {
      ++files;
      const auto text = read_text(entry.path());
      EXPECT_THAT(text, Not(HasSubstr("particular"))) << entry.path();
      struct stat facts{};
      ASSERT_EQ(::stat(entry.path().c_str(), &facts), 0);
      if (text.find(password) != std::string::npos) {
        EXPECT_EQ(entry.path().extension(), ".conf");
        EXPECT_EQ(facts.st_mode & 0777U, 0600U) << entry.path();
      }
    }
  }
  EXPECT_GE(files, 12);
  EXPECT_THAT(world->processes(), Not(HasSubstr(password)));
  EXPECT_THAT(world->processes(), HasSubstr("nats-server"));
  EXPECT_THAT(world->run({"logs", "bus-asia"}).output, HasSubstr("Server is ready"));
}

TEST_F(bus_systest, who_does_not_know_the_password_hears_nothing) {
  auto stranger = sign_in("127.0.0.3");
  stranger.password = "guessed";
  testing::TestPartResultArray refused;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &refused
    );
    const nats_listener ear(stranger, subject(">"));
  }
  ASSERT_GT(refused.size(), 0);
  EXPECT_THAT(refused.GetTestPartResult(0).message(), HasSubstr("Authorization Violation"));
}

TEST_F(bus_systest, a_server_that_is_killed_comes_back_and_is_found_again) {
  const auto killed = pid_of("europe");
  ASSERT_GT(killed, 0);
  EXPECT_EQ(state_of("europe"), "200 ready");
  const auto connects = metric("europe", "meridian_bus_connects_total");
  const auto losses = metric("europe", "meridian_events_losses_total");
  ::kill(killed, SIGKILL);
  EXPECT_TRUE(wait_until([&] { return metric("europe", "meridian_bus_connects_total") > connects; }));
  EXPECT_TRUE(wait_until([&] { return metric("europe", "meridian_events_losses_total") > losses; }));
  EXPECT_TRUE(wait_until([&] { return server_of("europe").at("answering").as_bool(); }));
  EXPECT_NE(pid_of("europe"), killed);
  EXPECT_EQ(state_of("europe"), "200 ready");
  EXPECT_THAT(world->run({"logs", "bus-europe"}).output, HasSubstr("was ended by signal 9; starting it again"));
  // The gateways find each other again, too.
  nats_listener europe(sign_in("127.0.0.2"), subject("channel.1"));
  auto mark = client_in("asia", "msmith@apache.org");
  EXPECT_TRUE(wait_until([&] {
    EXPECT_EQ(mark->post("/v1/channels/1/messages", {{"text", "there again"}}).status, 201);
    return europe.next(500ms).find("there again") != std::string::npos;
  }));
}

TEST_F(bus_systest, a_process_without_its_bus_serves_and_says_so) {
  const auto frozen = pid_of("asia");
  ASSERT_GT(frozen, 0);
  ::kill(frozen, SIGSTOP);
  EXPECT_TRUE(wait_until([&] { return state_of("asia") == "200 degraded"; }, 20s)) << state_of("asia");
  http_client client("127.0.0.1", world->serve_port("asia"));
  const auto seen = client.get("/readyz").json();
  for (const auto& one : seen.at("dependencies").as_array()) {
    if (one.at("kind") == "bus") {
      EXPECT_EQ(one.at("name"), "bus-asia");
      EXPECT_FALSE(one.at("required").as_bool());
      EXPECT_FALSE(one.at("reachable").as_bool());
    }
  }
  auto venkat = client_in("asia", "vsharma@techmahindra.com");
  EXPECT_EQ(venkat->post("/v1/channels/8/messages", {{"text", "all the same"}}).status, 201);
  ::kill(frozen, SIGCONT);
  EXPECT_TRUE(wait_until([&] { return state_of("asia") == "200 ready"; }, 20s)) << state_of("asia");
}

TEST_F(bus_systest, down_ends_the_servers_and_up_starts_them) {
  EXPECT_EQ(world->run({"down"}).exit_code, 0);
  EXPECT_EQ(world->processes(), "");
  world->up();
  EXPECT_TRUE(server_of("asia").at("answering").as_bool());
  const auto again = world->up();
  EXPECT_THAT(again.output, HasSubstr("bus-asia"));
}

}  // namespace
}  // namespace meridian::test
