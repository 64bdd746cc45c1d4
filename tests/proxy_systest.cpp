// Services that are deployed apart, behind config/haproxy.cfg.
#include <atomic>
#include <csignal>
#include <memory>
#include <set>
#include <thread>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/http_client.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string local(std::uint16_t port) {
  return fmt::format("127.0.0.1:{}", port);
}

class proxy_systest : public testing::Test {
 protected:
  proxy_systest() {
    world.up({"--empty"});
    start(profile_port, "profile");
    start(messaging_ports[0], "messaging");
    start(messaging_ports[1], "messaging");
    launch what;
    what.arguments = {"/usr/sbin/haproxy", "-db", "-f", std::string(MERIDIAN_SOURCE_DIRECTORY) + "/config/haproxy.cfg"};
    what.environment = {
        {"MERIDIAN_PROXY", local(proxy_port)},
        {"MERIDIAN_PROFILE_1", local(profile_port)},
        {"MERIDIAN_MESSAGING_1", local(messaging_ports[0])},
        {"MERIDIAN_MESSAGING_2", local(messaging_ports[1])},
    };
    proxy = std::make_unique<child>(what);
    http_client client("127.0.0.1", proxy_port);
    client.set_checking(false);
    EXPECT_TRUE(proxy->is_running());
    EXPECT_TRUE(wait_until([&] {
      return client.get("/readyz").status == 200 && client.get("/v1/messages/1").status == 401;
    }));
  }

  ~proxy_systest() override {
    proxy->send(SIGTERM);
    proxy->wait();
    for (const auto& one : services) {
      one->send(SIGTERM);
    }
    for (const auto& one : services) {
      EXPECT_EQ(one->wait().exit_code, 0);
    }
  }

  void start(std::uint16_t port, const std::string& service) {
    services.push_back(std::make_unique<child>(world.command(
        {"serve", "--region", "europe", "--service", service, "--port", std::to_string(port), "--lanes", "1",
         "--drain-delay", "3", "--proxy", "127.0.0.1"}
    )));
  }

  local_topology world{{"geo"}};
  std::uint16_t proxy_port = free_ports().first;
  std::uint16_t profile_port = free_ports().first;
  std::uint16_t messaging_ports[2] = {free_ports().first, free_ports().first};
  std::vector<std::unique_ptr<child>> services;  // profile, messaging, messaging
  std::unique_ptr<child> proxy;
};

TEST_F(proxy_systest, sends_each_path_to_its_service_and_loses_nothing_while_one_drains) {
  http_client client("127.0.0.1", proxy_port);
  const auto profile = client.get("/v1/sessions");
  EXPECT_EQ(profile.status, 401);
  EXPECT_EQ(client.get("/openapi.json").header("Meridian-Served-By"), profile.header("Meridian-Served-By"));
  for (const auto* path : {"/v1/messages/1", "/v1/channels/1/messages", "/v1/messages/1/replies"}) {
    const auto reply = client.get(path);
    EXPECT_EQ(reply.status, 401) << path;
    EXPECT_NE(reply.header("Meridian-Served-By"), profile.header("Meridian-Served-By")) << path;
  }

  constexpr int client_count = 8;
  std::atomic<bool> goes_on = true;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> clients;
  for (int count = 0; count < client_count; ++count) {
    clients.emplace_back([&] {
      http_client busy("127.0.0.1", proxy_port);
      while (goes_on) {
        const auto reply = busy.get("/v1/messages/1");
        failed += reply.status == 401 ? 0 : 1;
        ++answered;
      }
    });
  }
  const auto servers = [&] {
    std::set<std::string> seen;
    for (int count = 0; count < 20; ++count) {
      http_client fresh("127.0.0.1", proxy_port);
      seen.insert(fresh.get("/v1/messages/1").header("Meridian-Served-By"));
    }
    return seen;
  };
  EXPECT_TRUE(wait_until([&] { return servers().size() == 2; })) << "both take their part";
  services[1]->send(SIGTERM);
  EXPECT_EQ(services[1]->wait().exit_code, 0);
  services.erase(services.begin() + 1);
  EXPECT_EQ(servers().size(), 1U);
  const int before = answered;
  EXPECT_TRUE(wait_until([&] { return answered > before + 100; }));
  goes_on = false;
  for (auto& one : clients) {
    one.join();
  }
  EXPECT_EQ(failed, 0) << "of " << answered;
}

}  // namespace
}  // namespace meridian::test
