// What a server tells about its answers, and puts on each.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/live_server.hpp"

namespace meridian::http {
namespace {

using namespace std::chrono_literals;

// Told on the lane, read after the server has ended.
class notebook final : public observer {
 public:
  void on_answer(const exchange& done) noexcept override {
    const auto method = done.method ? to_string(*done.method) : "?";
    lines.push_back(fmt::format("{} {} {} {}", method, done.pattern(), done.status, done.body_bytes));
    longest = std::max(longest, done.duration);
    last_id = done.request_id;
  }

  std::vector<std::string> lines;
  std::chrono::steady_clock::duration longest{};
  std::string last_id;
};

task<response> slow(request) {
  MERIDIAN_CO_CHECK(co_await pause(30ms));
  response answer;
  answer.body = "done";
  co_return answer;
}

void fill(router& routes, turnstile& gate) {
  routes.add(verb::get, "/things/{id}", slow).add(verb::get, "/wait", [&gate](request received) {
    return gate.answer(std::move(received));
  });
}

TEST(server_hooks, each_answer_is_told_once_by_its_pattern) {
  const auto heard = std::make_shared<notebook>();
  server_hooks hooks;
  hooks.watcher = heard;
  {
    live_server server(fill, {}, hooks);
    raw_client client(server.port());
    EXPECT_EQ(client.ask(get("/things/secret", "X-Request-Id: mine\r\n")).status, 200);
    EXPECT_EQ(client.ask(get("/nowhere")).status, 404);
    EXPECT_EQ(raw_client(server.port()).ask(post("/things/1", "{}")).status, 405);
    client.say("HEAD /things/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.hear(false).status, 200);
    EXPECT_EQ(client.ask("nonsense\r\n\r\n").status, 400);
  }
  EXPECT_THAT(
      heard->lines, testing::ElementsAre(
                        "GET /things/{id} 200 4", testing::StartsWith("GET  404 "), testing::StartsWith("POST  405 "),
                        "HEAD /things/{id} 200 0", testing::StartsWith("?  400 ")
                    )
  );
  EXPECT_GE(heard->longest, 30ms);
  EXPECT_LT(heard->longest, 5s) << "waiting for a request is not part of it";
}

TEST(server_hooks, a_handler_that_outlives_its_deadline_is_told_as_504) {
  const auto heard = std::make_shared<notebook>();
  server_hooks hooks;
  hooks.watcher = heard;
  server_limits limits;
  limits.handler_time_max = 50ms;
  {
    live_server server(fill, limits, hooks);
    raw_client client(server.port());
    EXPECT_EQ(client.ask(get("/wait")).status, 504);
    server.gate().open();
  }
  EXPECT_THAT(heard->lines, testing::ElementsAre(testing::StartsWith("GET /wait 504 ")));
}

TEST(server_hooks, every_answer_carries_the_common_headers) {
  server_hooks hooks;
  hooks.common_headers.add("Meridian-Served-By", "asia/7");
  live_server server(fill, {}, hooks);
  raw_client client(server.port());
  EXPECT_EQ(client.ask(get("/things/1")).field("Meridian-Served-By"), "asia/7");
  EXPECT_EQ(client.ask(get("/nowhere")).field("Meridian-Served-By"), "asia/7");
  EXPECT_EQ(client.ask("nonsense\r\n\r\n").field("Meridian-Served-By"), "asia/7");
}

TEST(server_hooks, a_common_header_that_can_not_be_sent_is_refused) {
  boost::asio::io_context loop(1);
  server_hooks hooks;
  hooks.common_headers.add("Evil", "a\r\nb: c");
  const auto started = server::start(loop.get_executor(), {}, router(), {}, hooks);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, errc::invalid_argument);
}

TEST(server_hooks, a_port_that_another_shares_is_not_free) {
  boost::asio::io_context loop(1);
  listen_address where;
  where.shares_port = true;
  EXPECT_TRUE(check_free(where));
  const auto first = server::start(loop.get_executor(), where, router());
  ASSERT_TRUE(first);
  where.port = first->port();
  EXPECT_TRUE(server::start(loop.get_executor(), where, router())) << "lanes share";
  const auto again = check_free(where);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, errc::conflict);
}

task<response> tell_peer(request received) {
  response answer;
  answer.body = received.peer_address;
  co_return answer;
}

TEST(server_hooks, a_known_proxy_tells_who_asks) {
  const auto fill_peer = [](router& routes, turnstile&) { routes.add(verb::get, "/", tell_peer); };
  server_hooks hooks;
  hooks.proxies = {"127.0.0.1"};
  live_server behind(fill_peer, {}, hooks);
  live_server open(fill_peer);
  const auto asked = [](live_server& server, const std::string& fields) {
    return raw_client(server.port()).ask(get("/", fields)).body;
  };
  EXPECT_EQ(asked(behind, "X-Forwarded-For: 192.0.2.7\r\n"), "192.0.2.7");
  EXPECT_EQ(asked(behind, "X-Forwarded-For: 10.0.0.1, 192.0.2.7\r\n"), "192.0.2.7") << "the rest is the client's word";
  EXPECT_EQ(asked(behind, "X-Forwarded-For: 10.0.0.1\r\nx-forwarded-for: 2001:db8::1\r\n"), "2001:db8::1");
  for (const auto* none : {"", "X-Forwarded-For: \r\n", "X-Forwarded-For: nobody\r\n", "X-Forwarded-For: 1,\r\n"}) {
    EXPECT_EQ(asked(behind, none), "127.0.0.1") << none;
  }
  EXPECT_EQ(asked(open, "X-Forwarded-For: 192.0.2.7\r\n"), "127.0.0.1") << "nobody is believed unasked";
}

}  // namespace
}  // namespace meridian::http
