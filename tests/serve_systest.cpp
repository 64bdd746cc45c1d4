// Serving processes: started, watched and ended by up and down, or by hand as production does it.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <thread>

#include <fmt/core.h>
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
using testing::HasSubstr;

using words = std::vector<std::string>;

class serve_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(words{"geo"});
    up_said = world->up({"--empty"}).output;
  }
  static void TearDownTestSuite() { world.reset(); }

  static json::value service_of(const std::string& region) {
    const auto status = json::parse(world->run({"status", "--json"}).output);
    for (const auto& service : status.at("services").as_array()) {
      if (service.at("region").as_string() == region) {
        return service;
      }
    }
    return {};
  }

  static pid_t pid_of(const std::string& region) {
    const auto service = service_of(region);
    const auto* pid = service.as_object().if_contains("pid");
    return pid == nullptr ? 0 : static_cast<pid_t>(pid->as_int64());
  }

  static std::string ready_state(std::uint16_t port) {
    http_client client("127.0.0.1", port);
    const auto reply = client.get("/readyz");
    return reply.status == 0 ? reply.trouble : std::string(reply.json().at("status").as_string());
  }

  // `meridian serve` by hand, on a port of its own, ready.
  struct by_hand {
    explicit by_hand(const words& options, const std::map<std::string, std::string>& environment = {})
        : port(free_ports().first), process(launch_of(options, port, environment)) {
      EXPECT_TRUE(wait_until([this] { return ready_state(port) == "ready"; }));
    }

    static launch launch_of(
        const words& options, std::uint16_t port, const std::map<std::string, std::string>& environment
    ) {
      words arguments{"serve", "--port", std::to_string(port)};
      arguments.insert(arguments.end(), options.begin(), options.end());
      auto what = world->command(arguments);
      what.environment.insert(environment.begin(), environment.end());
      for (const auto& [name, value] : environment) {
        what.environment[name] = value;
      }
      return what;
    }

    std::uint16_t port;
    child process;
  };

  static std::unique_ptr<local_topology> world;
  static std::string up_said;
};

std::unique_ptr<local_topology> serve_systest::world;
std::string serve_systest::up_said;

TEST_F(serve_systest, up_serves_every_region) {
  for (const auto* region : {"americas", "europe", "asia"}) {
    const auto service = service_of(region);
    const auto url = fmt::format("http://127.0.0.1:{}", world->serve_port(region));
    EXPECT_EQ(service.at("url").as_string(), url);
    EXPECT_EQ(service.at("name").as_string(), fmt::format("serve-{}", region));
    EXPECT_EQ(service.at("state"), "ready");
    EXPECT_TRUE(service.at("running").as_bool());
    EXPECT_THAT(world->run({"status"}).output, HasSubstr(url));
    EXPECT_THAT(up_said, HasSubstr(url));
    http_client client("127.0.0.1", world->serve_port(region));
    const auto reply = client.get("/readyz");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json().at("region"), region);
    EXPECT_THAT(reply.header("Meridian-Served-By"), testing::StartsWith(std::string(region) + "/"));
  }
  EXPECT_THAT(up_said, HasSubstr(fmt::format("http://127.0.0.1:{}/docs", world->serve_port("americas"))));
  EXPECT_THAT(world->run({"logs", "serve-europe"}).output, HasSubstr("serving europe"));
}

TEST_F(serve_systest, a_second_up_leaves_them_alone) {
  const auto before = pid_of("europe");
  world->up();
  EXPECT_EQ(pid_of("europe"), before);
}

TEST_F(serve_systest, the_documents_are_served) {
  http_client client("127.0.0.1", world->serve_port("asia"));
  const auto document = client.get("/openapi.json");
  EXPECT_EQ(document.json(), openapi::product().document());
  const auto page = client.get("/docs");
  EXPECT_THAT(page.body, HasSubstr("/v1/channels/{id}/messages"));
  EXPECT_THAT(page.header("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  for (const auto* loose : {"<script", "style=", "<style", "src=\"http", "href=\"http"}) {
    EXPECT_THAT(page.body, testing::Not(HasSubstr(loose)));
  }
  EXPECT_EQ(client.get("/docs/style.css").status, 200);
  EXPECT_EQ(client.get("/livez").status, 200);
  EXPECT_EQ(client.get("/nowhere").status, 404);
}

TEST_F(serve_systest, the_web_is_served_from_files_that_were_compressed_beforehand) {
  const auto files = world->directory() / "web";
  std::filesystem::create_directories(files / "assets");
  std::ofstream(files / "index.html") << "<p>the messenger</p>";
  std::ofstream(files / "assets" / "main-1.js") << "plain";
  std::ofstream(files / "assets" / "main-1.js.br") << "brotli";
  by_hand served({"--region", "asia", "--web", files.string()});
  http_client client("127.0.0.1", served.port);
  client.set_checking(false);  // files are not of the API
  for (const auto* path : {"/", "/sign-in", "/c/8", "/c/8/21", "/console"}) {
    const auto page = client.get(path);
    EXPECT_EQ(page.body, "<p>the messenger</p>") << path;
    const auto policy = page.header("Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("script-src 'self';")) << path;
    EXPECT_THAT(policy, testing::Not(HasSubstr("unsafe"))) << path;
    EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(page.header("Cache-Control"), "no-cache") << path;
  }
  const auto script = client.get("/assets/main-1.js", {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(script.body, "brotli");
  EXPECT_EQ(script.header("Content-Encoding"), "br");
  EXPECT_THAT(script.header("Cache-Control"), HasSubstr("immutable"));
  const auto again =
      client.get("/assets/main-1.js", {{"Accept-Encoding", "br"}, {"If-None-Match", script.header("ETag")}});
  EXPECT_EQ(again.status, 304);
  for (const auto* path :
       {"/assets/../index.html", "/%2e%2e/index.html", "/assets/%2e%2e%2findex.html", "/v1/nothing",
        "/assets/main-1.js.br", "/etc/passwd", "//etc/passwd"}) {
    EXPECT_NE(client.get(path).status, 200) << path;
  }
  const auto nowhere = world->run({"serve", "--region", "asia", "--web", (files / "assets").string()});
  EXPECT_EQ(nowhere.exit_code, 1);
  EXPECT_THAT(nowhere.errors, HasSubstr("no index.html"));
}

TEST_F(serve_systest, a_process_without_web_files_says_so) {
  by_hand served({"--region", "asia", "--no-web"});
  http_client client("127.0.0.1", served.port);
  const auto page = client.get("/");
  EXPECT_EQ(page.status, 404);
  EXPECT_THAT(page.body, HasSubstr("no web files"));
  EXPECT_EQ(client.get("/sign-in").status, 404);
}

TEST_F(serve_systest, regions_tell_their_doors_and_how_far_they_are) {
  http_client client("127.0.0.1", world->serve_port("europe"));
  const auto all_seen = [&] {
    const auto regions = client.get("/v1/regions").json();
    for (const auto& region : regions.at("items").as_array()) {
      if (!region.at("answered_in_us").is_int64() || region.at("is_reachable") != true) {
        return false;
      }
    }
    return true;
  };
  EXPECT_TRUE(wait_until(all_seen));
  const auto regions = client.get("/v1/regions").json().at("items").as_array();
  ASSERT_EQ(regions.size(), 3u);
  for (const auto& region : regions) {
    const std::string name(region.at("name").as_string());
    EXPECT_EQ(region.at("is_here").as_bool(), name == "europe");
    EXPECT_THAT(
        std::string(region.at("url").as_string()), testing::EndsWith(fmt::format(":{}", world->serve_port(name)))
    );
  }
}

TEST_F(serve_systest, metrics_are_prometheus_text) {
  http_client client("127.0.0.1", world->serve_port("europe"));
  client.get("/livez");
  client.get("/secret-path?token=secret");
  const auto metrics = client.get("/metrics");
  ASSERT_EQ(metrics.status, 200);
  const std::regex line(R"re(#( HELP| TYPE) .+|[a-z_]+(\{([a-z]+="[^"]*",?)*\})? ([-+]?[0-9.e+-]+|\+Inf))re");
  std::istringstream lines(metrics.body);
  for (std::string text; std::getline(lines, text);) {
    EXPECT_TRUE(std::regex_match(text, line)) << text;
  }
  for (const auto* part :
       {"meridian_http_request_seconds_bucket{method=\"GET\",route=\"/livez\",status=\"2xx\",le=\"0.0001\"}",
        "meridian_http_request_seconds_count{method=\"\",route=\"\",status=\"4xx\"}",
        "meridian_pool_round_trips_total{region=\"europe\"}", "meridian_pool_breakers_open{region=\"asia\"} 0",
        "meridian_wan_round_trips_total", "meridian_http_in_flight 1", "meridian_build_info{version=\"",
        "meridian_send_batch_messages_bucket"}) {
    EXPECT_THAT(metrics.body, HasSubstr(part));
  }
  EXPECT_THAT(metrics.body, testing::Not(HasSubstr("secret")));
}

TEST_F(serve_systest, one_that_is_killed_is_started_again) {
  const auto killed = pid_of("americas");
  ASSERT_GT(killed, 0);
  ::kill(killed, SIGKILL);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(wait_until([&] { return ready_state(world->serve_port("americas")) == "ready"; }, 5s));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
  EXPECT_TRUE(wait_until([&] { return pid_of("americas") > 0; }));
  EXPECT_NE(pid_of("americas"), killed);
  EXPECT_THAT(world->run({"logs", "serve-americas"}).output, HasSubstr("was ended by signal 9; starting it again"));
  EXPECT_EQ(world->run({"status"}).exit_code, 0);
}

TEST_F(serve_systest, one_that_was_told_to_end_stays_down_until_up) {
  ::kill(pid_of("americas"), SIGTERM);
  EXPECT_TRUE(wait_until([] { return !service_of("americas").at("running").as_bool(); }));
  const auto status = world->run({"status"});
  EXPECT_EQ(status.exit_code, 1);
  EXPECT_THAT(status.output, HasSubstr("DOWN: not running (meridian up starts it)"));
  world->up();
  EXPECT_EQ(ready_state(world->serve_port("americas")), "ready");
}

TEST_F(serve_systest, sigterm_under_load_cuts_no_request) {
  by_hand one({"--region", "europe", "--lanes", "2"});
  constexpr int client_count = 8;
  std::atomic<int> answered = 0;
  std::atomic<int> unanswered = 0;
  std::vector<std::thread> clients;
  for (int count = 0; count < client_count; ++count) {
    clients.emplace_back([&] {
      http_client client("127.0.0.1", one.port);
      std::string connection;
      while (connection != "close") {
        const auto reply = client.get("/livez");
        unanswered += reply.status == 200 ? 0 : 1;
        connection = reply.status == 200 ? reply.header("Connection") : "close";
        ++answered;
      }
    });
  }
  EXPECT_TRUE(wait_until([&] { return answered > 500; }));
  one.process.send(SIGTERM);
  for (auto& client : clients) {
    client.join();
  }
  const auto ended = one.process.wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.said();
  EXPECT_EQ(unanswered, 0);
  EXPECT_EQ(ready_state(one.port), "refused");
}

TEST_F(serve_systest, a_draining_process_says_so_and_a_second_signal_ends_it) {
  by_hand one({"--region", "asia", "--drain-delay", "60"});
  one.process.send(SIGTERM);
  EXPECT_TRUE(wait_until([&] { return ready_state(one.port) == "draining"; }));
  one.process.send(SIGTERM);
  EXPECT_EQ(one.process.wait(10s).exit_code, 128 + SIGTERM);
}

TEST_F(serve_systest, a_process_may_serve_one_service_alone) {
  by_hand profile({"--region", "asia", "--service", "profile"});
  http_client client("127.0.0.1", profile.port);
  const auto elsewhere = client.get("/v1/messages/1");
  EXPECT_EQ(elsewhere.status, 404);
  EXPECT_EQ(elsewhere.json().at("type"), "urn:meridian:error:not_served_here");
  EXPECT_THAT(elsewhere.body, HasSubstr("serves profile, and not messaging"));
  EXPECT_EQ(client.get("/v1/sessions").status, 401);
  by_hand messaging({"--region", "asia", "--service", "messaging"});
  http_client other("127.0.0.1", messaging.port);
  EXPECT_THAT(other.get("/v1/sessions").body, HasSubstr("serves messaging, and not profile"));
  EXPECT_EQ(other.get("/v1/messages/1").status, 401);
}

TEST_F(serve_systest, says_what_is_wrong_with_what_it_is_told) {
  const auto port = std::to_string(world->serve_port("asia"));
  const std::pair<words, std::string> mistakes[] = {
      {{"--region", "asai"}, "there is no region asai (did you mean asia?)"},
      {{"--region", "asia", "--service", "mesaging"}, "there is no service mesaging (did you mean messaging?)"},
      {{"--region", "asia", "--port", port}, "can't listen on 127.0.0.1:" + port + ": the port is taken"},
      {{"--region", "asia", "--listen", "192.0.2.1"}, "this machine does not have that address"},
      {{"--region", "asia", "--listen", "localhost"}, "localhost is not an IP address"},
  };
  for (const auto& [options, said] : mistakes) {
    words arguments{"serve"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto ended = world->run(arguments);
    EXPECT_EQ(ended.exit_code, 1) << said;
    EXPECT_THAT(ended.errors, HasSubstr(said));
  }
}

TEST_F(serve_systest, secrets_may_come_from_the_environment) {
  const std::map<std::string, std::string> nowhere{{"MERIDIAN_STATE_DIR", (world->directory() / "none").string()}};
  const auto without = world->run({"serve", "--region", "asia"}, nowhere);
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_THAT(without.errors, HasSubstr("MERIDIAN_DATABASE_PASSWORD is not set"));
  auto with = nowhere;
  with["MERIDIAN_DATABASE_PASSWORD"] = world->password_of("meridian_service");
  with["MERIDIAN_BUS_PASSWORD"] = world->password_of("bus.password");
  with["MERIDIAN_DIGEST_KEY"] = "short";
  EXPECT_THAT(
      world->run({"serve", "--region", "asia"}, with).errors, HasSubstr("MERIDIAN_DIGEST_KEY has 5 characters")
  );
  with["MERIDIAN_DIGEST_KEY"] = world->password_of("digest.key");
  with.erase("MERIDIAN_BUS_PASSWORD");
  EXPECT_THAT(
      world->run({"serve", "--region", "asia"}, with).errors,
      HasSubstr("MERIDIAN_BUS_PASSWORD is not set, and the topology")
  );
  with["MERIDIAN_BUS_PASSWORD"] = world->password_of("bus.password");
  by_hand one({"--region", "asia"}, with);
  one.process.send(SIGINT);
  EXPECT_EQ(one.process.wait().exit_code, 0);
}

TEST_F(serve_systest, readiness_follows_the_own_region_only) {
  by_hand europe({"--region", "europe", "--watch-interval", "0.5"});
  world->freeze_node("geo-asia");
  EXPECT_TRUE(wait_until([] { return ready_state(world->serve_port("asia")) == "unavailable"; }, 10s));
  http_client client("127.0.0.1", europe.port);
  const auto sees_it = [&] {
    const auto reply = client.get("/readyz");
    EXPECT_EQ(reply.status, 200);
    const auto said = reply.json();
    for (const auto& region : said.at("dependencies").as_array()) {
      if (region.at("name") == "asia") {
        EXPECT_FALSE(region.at("required").as_bool());
        return region.at("reachable") == false;
      }
    }
    return false;
  };
  EXPECT_TRUE(wait_until(sees_it, 10s));
  EXPECT_EQ(world->run({"status"}).exit_code, 1);
  world->thaw_node("geo-asia");
  EXPECT_TRUE(wait_until([] { return ready_state(world->serve_port("asia")) == "ready"; }, 15s));
}

TEST_F(serve_systest, down_ends_them_in_peace) {
  EXPECT_EQ(world->run({"down"}).exit_code, 0);
  EXPECT_EQ(world->processes(), "");
  const auto log = read_text(world->state_directory() / "serve" / "asia.log");
  EXPECT_THAT(log, HasSubstr("draining"));
  EXPECT_THAT(log.substr(log.rfind('\n', log.size() - 2)), HasSubstr("stopped"));
  world->up();
  EXPECT_EQ(ready_state(world->serve_port("asia")), "ready");
}

}  // namespace
}  // namespace meridian::test
