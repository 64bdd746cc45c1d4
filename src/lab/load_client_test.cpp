#include "lab/load_client.hpp"

#include <memory>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "http/server.hpp"

namespace meridian::lab {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

// A server on a thread of its own that answers POST /echo with the body after a while.
class slow_echo {
 public:
  explicit slow_echo(std::chrono::milliseconds pause) : pause_(pause) {
    http::router routes;
    routes.add(http::verb::post, "/echo", [this](http::request asked) { return answer(std::move(asked)); });
    auto started = http::server::start(loop_.get_executor(), {}, std::move(routes));
    EXPECT_TRUE(started);
    server_ = std::make_unique<http::server>(std::move(*started));
    port = server_->port();
    thread_ = std::thread([this] { loop_.run(); });
  }
  slow_echo(const slow_echo&) = delete;
  slow_echo& operator=(const slow_echo&) = delete;
  ~slow_echo() {
    boost::asio::post(loop_, [this] { server_.reset(); });
    work_.reset();
    thread_.join();
  }

  std::uint16_t port = 0;
  std::atomic<int> stumbles = 0;      // that many answers are a 503
  std::atomic<bool> is_stuck{false};  // answers take a second then

 private:
  task<http::response> answer(http::request asked) {
    if (pause_ > 0ms || is_stuck) {
      MERIDIAN_CO_CHECK(co_await pause(is_stuck ? 1000ms : pause_));
    }
    http::response said;
    said.status = stumbles > 0 ? 503 : 201;
    stumbles -= stumbles > 0 ? 1 : 0;
    said.body = std::move(asked.body);
    co_return said;
  }

  std::chrono::milliseconds pause_;
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
  std::unique_ptr<http::server> server_;
  std::thread thread_;
};

// Each client says a number that nobody said before and expects it back.
class counting : public workload {
 public:
  void write_request(std::size_t client, std::string& out) override {
    said_[client] = std::to_string(++written);
    append_request(out, "POST", "/echo", "token", said_[client]);
  }

  verdict take_answer(std::size_t client, const reply& answer, std::chrono::nanoseconds took) override {
    longest = std::max(longest, took);
    if (answer.status != 201) {
      return verdict::again;
    }
    is_right &= answer.body == said_[client];
    heard.insert(std::string(answer.body));
    return verdict::done;
  }

  int written = 0;
  bool is_right = true;
  std::set<std::string> heard;
  std::chrono::nanoseconds longest{0};

 private:
  std::map<std::size_t, std::string> said_;
};

load_settings settings_for(const slow_echo& server) {
  load_settings settings;
  settings.doors = {{"127.0.0.1", server.port}};
  settings.clients = 8;
  settings.warm_up = 50ms;
  settings.duration = 400ms;
  return settings;
}

const std::atomic<bool> never{false};

TEST(load_client, closed_loop_asks_again_once_it_has_its_answer) {
  const slow_echo server(20ms);
  counting work;
  const auto outcome = run_load(settings_for(server), work, never);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(work.is_right);
  EXPECT_EQ(outcome->failures, 0U);
  EXPECT_EQ(outcome->unanswered, 0U);
  EXPECT_EQ(work.heard.size(), static_cast<std::size_t>(work.written));
  // 8 clients, 20 ms each: at most 160 in 400 ms.
  EXPECT_LE(outcome->answers, 168U);
  EXPECT_GE(outcome->answers, 60U);
  EXPECT_GE(outcome->latencies.percentile(1), 20ms);
  EXPECT_DOUBLE_EQ(outcome->seconds, 0.4);
}

TEST(load_client, open_loop_keeps_its_rate_and_counts_the_wait) {
  const slow_echo server(20ms);
  counting work;
  auto settings = settings_for(server);
  settings.clients = 1;  // 50 a second at most
  settings.arrivals_per_second = 100;
  settings.duration = 1s;
  const auto outcome = run_load(settings, work, never);
  ASSERT_TRUE(outcome);
  // Half of what arrives is late, the last one by about a second: a closed loop would have said 20 ms.
  EXPECT_GT(outcome->latencies.max(), 500ms);
  EXPECT_LT(outcome->answers, 60U);
  EXPECT_GT(work.written, 70);  // what had arrived was served to its end
  EXPECT_EQ(outcome->unanswered, 0U);
}

TEST(load_client, open_loop_below_capacity_waits_for_nobody) {
  const slow_echo server(1ms);
  counting work;
  auto settings = settings_for(server);
  settings.clients = 32;
  settings.arrivals_per_second = 500;
  settings.duration = 1s;
  const auto outcome = run_load(settings, work, never);
  ASSERT_TRUE(outcome);
  EXPECT_NEAR(outcome->answers_per_second(), 500, 120);
  EXPECT_LT(outcome->latencies.percentile(50), 15ms);
}

TEST(load_client, repeats_what_failed_while_there_is_patience) {
  slow_echo server(0ms);
  server.stumbles = 5;
  counting work;
  auto settings = settings_for(server);
  settings.patience = 2s;
  const auto outcome = run_load(settings, work, never);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->failures, 0U);
  EXPECT_EQ(outcome->repeats, 5U);
  EXPECT_EQ(work.heard.size(), static_cast<std::size_t>(work.written));
  EXPECT_GE(work.longest, 50ms);
}

TEST(load_client, tells_what_failed_without_patience) {
  slow_echo server(0ms);
  server.stumbles = 3;
  counting work;
  const auto outcome = run_load(settings_for(server), work, never);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->failures, 3U);
  EXPECT_THAT(outcome->first_failure, testing::StartsWith("status 503"));
}

TEST(load_client, comes_back_to_a_server_that_was_gone) {
  auto server = std::make_unique<slow_echo>(2ms);
  counting work;
  auto settings = settings_for(*server);
  settings.patience = 5s;
  settings.duration = 1500ms;
  const auto port = server->port;
  result<load_outcome> outcome = load_outcome();
  std::thread load([&] { outcome = run_load(settings, work, never); });
  std::unique_ptr<http::server> second;
  boost::asio::io_context loop(1);
  const auto begin = clock::now();
  while (clock::now() - begin < 400ms) {
    std::this_thread::yield();
  }
  server.reset();  // cuts all connections
  http::router routes;
  routes.add(http::verb::post, "/echo", [](http::request asked) -> task<http::response> {
    http::response said;
    said.status = 201;
    said.body = std::move(asked.body);
    co_return said;
  });
  auto started = http::server::start(loop.get_executor(), {"127.0.0.1", port}, std::move(routes));
  ASSERT_TRUE(started);
  while (clock::now() - begin < 2500ms) {
    loop.run_for(10ms);
  }
  load.join();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->failures, 0U) << outcome->first_failure;
  EXPECT_GT(outcome->repeats, 0U);
  EXPECT_EQ(work.heard.size(), static_cast<std::size_t>(work.written));
}

TEST(load_client, gives_up_on_an_answer_that_does_not_come) {
  slow_echo server(0ms);
  server.is_stuck = true;
  counting work;
  auto settings = settings_for(server);
  settings.answer_time_max = 200ms;
  const auto outcome = run_load(settings, work, never);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->answers, 0U);
  EXPECT_EQ(outcome->first_failure, "no answer in time");
  EXPECT_GE(outcome->failures, 8U);
}

TEST(load_client, stops_when_it_is_told) {
  const slow_echo server(1ms);
  counting work;
  auto settings = settings_for(server);
  settings.duration = 1h;
  std::atomic<bool> interrupted = false;
  std::thread interrupting([&] {
    const auto begin = clock::now();
    while (clock::now() - begin < 200ms) {
      std::this_thread::yield();
    }
    interrupted = true;
  });
  const auto begin = clock::now();
  const auto outcome = run_load(settings, work, interrupted);
  interrupting.join();
  EXPECT_TRUE(outcome);
  EXPECT_LT(clock::now() - begin, 5s);
}

TEST(load_client, says_when_nobody_listens) {
  load_settings settings;
  settings.doors = {{"127.0.0.1", 1}};
  counting work;
  std::atomic<bool> interrupted = true;  // not to wait for five seconds
  const auto outcome = run_load(settings, work, interrupted);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::unavailable);
  EXPECT_THAT(outcome.error().message, testing::HasSubstr("refused"));
}

TEST(append_request, writes_what_servers_read) {
  std::string out;
  append_request(out, "POST", "/v1/x", "m1.asia.t", R"({"a":1})");
  EXPECT_EQ(
      out,
      "POST /v1/x HTTP/1.1\r\nHost: meridian\r\nAuthorization: Bearer m1.asia.t\r\n"
      "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}"
  );
  out.clear();
  append_request(out, "GET", "/v1/x?limit=50", "t", "");
  EXPECT_EQ(out, "GET /v1/x?limit=50 HTTP/1.1\r\nHost: meridian\r\nAuthorization: Bearer t\r\n\r\n");
}

}  // namespace
}  // namespace meridian::lab
