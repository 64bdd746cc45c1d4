// Every cap and every deadline of the server is reached here once, and the server goes on.
#include "http/server_limits.hpp"

#include <optional>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "http/live_server.hpp"

namespace meridian::http {
namespace {

using namespace std::chrono_literals;

task<response> take(request received) {
  response answer;
  answer.body = std::to_string(received.body.size());
  co_return answer;
}

task<response> keep_the_deadline(request received) {
  MERIDIAN_CO_CHECK(co_await pause(received.until.left()));
  co_return error{errc::timed_out, "the node did not answer in time", ""};
}

task<response> say_much(request) {
  response answer;
  answer.body.assign(64 << 20, 'x');
  co_return answer;
}

void fill(router& routes, turnstile& gate) {
  route_limits small;
  small.body_bytes_max = 10;
  route_limits quick;
  quick.time_max = 50ms;
  routes.add(verb::post, "/take", take)
      .add(verb::post, "/take-little", take, small)
      .add(verb::get, "/much", say_much)
      .add(verb::get, "/punctual", keep_the_deadline, quick)
      .add(
          verb::get, "/late", [&gate](request received) { return gate.answer(std::move(received)); }, quick
      )
      .add(verb::get, "/gate", [&gate](request received) { return gate.answer(std::move(received)); });
}

server_limits with(const std::function<void(server_limits&)>& change) {
  server_limits limits;
  change(limits);
  return limits;
}

void expect_alive(const live_server& server) {
  raw_client client(server.port());
  EXPECT_EQ(client.ask(post("/take", "abc")).body, "3");
}

// Looks again and again, for 20 s at most.
bool comes_true(const std::function<bool()>& condition) {
  const auto until = deadline::in(20s);
  while (!condition() && !until.passed()) {
    std::this_thread::yield();
  }
  return condition();
}

TEST(header_time, ends_a_slow_header) {
  const live_server server(fill, with([](auto& limits) { limits.header_time_max = 100ms; }));
  raw_client client(server.port());
  client.say("GET / HTTP/1.1\r\nHost: ");
  const auto answer = client.hear();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_TRUE(client.is_at_end());
  expect_alive(server);
}

TEST(header_time, is_not_prolonged_by_trickling) {
  const live_server server(fill, with([](auto& limits) { limits.header_time_max = 300ms; }));
  raw_client client(server.port());
  client.say("GET / HTTP/1.1\r\nHost: h\r\nX: ");
  std::thread talker([&] {
    while (client.say("y")) {
      EXPECT_TRUE(run(pause(20ms)));
    }
  });
  EXPECT_EQ(client.hear().status, 408);
  talker.join();
}

TEST(header_time, ends_a_connection_that_never_says_anything) {
  const live_server server(fill, with([](auto& limits) { limits.header_time_max = 100ms; }));
  raw_client client(server.port());
  EXPECT_TRUE(client.is_at_end());
}

TEST(idle_time, ends_a_connection_between_requests) {
  const live_server server(fill, with([](auto& limits) { limits.idle_time_max = 100ms; }));
  raw_client client(server.port());
  EXPECT_EQ(client.ask(post("/take", "a")).status, 200);
  EXPECT_TRUE(client.is_at_end());
}

TEST(body_time, ends_a_slow_body) {
  const live_server server(fill, with([](auto& limits) { limits.body_time_max = 100ms; }));
  raw_client client(server.port());
  client.say("POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc");
  EXPECT_EQ(client.hear().status, 408);
  EXPECT_TRUE(client.is_at_end());
  expect_alive(server);
}

TEST(handler_time, is_kept_by_the_handler_and_the_connection_goes_on) {
  const live_server server(fill);
  raw_client client(server.port());
  const auto answer = client.ask(get("/punctual"));
  EXPECT_EQ(answer.status, 504);
  EXPECT_NE(answer.body.find("the node did not answer"), std::string::npos);
  EXPECT_EQ(client.ask(post("/take", "a")).status, 200);
}

TEST(handler_time, ends_the_wait_for_a_handler_that_does_not_keep_it) {
  live_server server(fill, with([](auto& limits) { limits.handler_time_max = 50ms; }));
  for (const auto* path : {"/late", "/gate"}) {
    raw_client client(server.port());
    const auto answer = client.ask(get(path));
    EXPECT_EQ(answer.status, 504) << path;
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(client.is_at_end());
  }
  server.gate().open();
  expect_alive(server);
}

TEST(write_time, ends_a_reader_that_does_not_read) {
  live_server server(fill, with([](auto& limits) { limits.write_time_max = 200ms; }));
  raw_client client(server.port());
  client.say(get("/much"));
  EXPECT_TRUE(comes_true([&] { return server.connection_count() == 1; }));
  EXPECT_TRUE(comes_true([&] { return server.connection_count() == 0; }));
  EXPECT_LT(client.hear_all().size(), std::size_t{64} << 20);
}

TEST(linger, ends_with_a_client_that_does_not_close) {
  live_server server(fill, with([](auto& limits) { limits.linger_time_max = 100ms; }));
  raw_client client(server.port());
  EXPECT_EQ(client.ask("nonsense\r\n\r\n").status, 400);
  EXPECT_TRUE(comes_true([&] { return !client.say("more"); }));
}

TEST(linger, ends_with_a_client_that_talks_on) {
  live_server server(fill, with([](auto& limits) {
                       limits.linger_time_max = 1h;
                       limits.linger_bytes_max = 100'000;
                     }));
  raw_client client(server.port());
  EXPECT_EQ(client.ask("nonsense\r\n\r\n").status, 400);
  const std::string more(10'000, 'x');
  std::size_t said_bytes = 0;
  EXPECT_TRUE(comes_true([&] {
    said_bytes += more.size();
    return !client.say(more);
  }));
  EXPECT_GE(said_bytes, 100'000);
}

TEST(header_bytes, are_capped) {
  const live_server server(fill, with([](auto& limits) { limits.header_bytes_max = 500; }));
  raw_client client(server.port());
  EXPECT_EQ(client.ask(get("/", "X: " + std::string(500, 'y') + "\r\n")).status, 431);
  EXPECT_TRUE(client.is_at_end());
  expect_alive(server);
}

TEST(header_count, is_capped) {
  const live_server server(fill, with([](auto& limits) { limits.header_count_max = 3; }));
  raw_client client(server.port());
  EXPECT_EQ(client.ask(get("/", "X: y\r\nX: y\r\nX: y\r\n")).status, 431);
  expect_alive(server);
}

TEST(target_bytes, are_capped) {
  const live_server server(fill, with([](auto& limits) { limits.target_bytes_max = 50; }));
  raw_client client(server.port());
  EXPECT_EQ(client.ask(get("/" + std::string(50, 'a'))).status, 414);
  expect_alive(server);
}

TEST(body_bytes, are_capped_by_the_route_or_the_server) {
  const live_server server(fill, with([](auto& limits) { limits.body_bytes_max = 20; }));
  raw_client client(server.port());
  EXPECT_EQ(client.ask(post("/take", std::string(20, 'x'))).body, "20");
  EXPECT_EQ(client.ask(post("/take-little", std::string(10, 'x'))).body, "10");
  EXPECT_EQ(client.ask(post("/take-little", std::string(11, 'x'))).status, 413);
  EXPECT_TRUE(client.is_at_end());
  raw_client chunked(server.port());
  chunked.say("POST /take HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(chunked.ask("15\r\n" + std::string(21, 'x') + "\r\n0\r\n\r\n").status, 413);
  expect_alive(server);
}

TEST(body_bytes, beyond_the_cap_are_answered_while_the_client_still_sends) {
  const live_server server(fill);
  raw_client client(server.port());
  std::thread talker([&] { client.say(post("/take", std::string(4 << 20, 'x'))); });
  EXPECT_EQ(client.hear().status, 413);
  talker.join();
  expect_alive(server);
}

TEST(bodies_bytes, are_capped_over_all_and_given_back) {
  live_server server(fill, with([](auto& limits) { limits.bodies_bytes_max = 50; }));
  raw_client client(server.port());
  raw_client other(server.port());
  EXPECT_EQ(client.ask(post("/take", std::string(40, 'x'))).status, 200);
  EXPECT_EQ(other.ask(post("/take", std::string(40, 'x'))).status, 200);
  const auto refused = client.ask(post("/take", std::string(51, 'x')));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.field("Retry-After"), "1");
  expect_alive(server);
}

TEST(connections, beyond_the_cap_are_told_so) {
  const live_server server(fill, with([](auto& limits) { limits.connections_max = 2; }));
  {
    raw_client first(server.port());
    raw_client second(server.port());
    EXPECT_EQ(first.ask(post("/take", "a")).status, 200);
    EXPECT_EQ(second.ask(post("/take", "a")).status, 200);
    raw_client third(server.port());
    const auto refused = third.hear();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.field("Retry-After"), "1");
    EXPECT_EQ(refused.field("Connection"), "close");
    EXPECT_TRUE(third.is_at_end());
    EXPECT_EQ(first.ask(post("/take", "a")).status, 200);
  }
  // The server notices in its own time that the two have left.
  EXPECT_TRUE(comes_true([&] { return raw_client(server.port()).ask(post("/take", "a")).status == 200; }));
}

// Takes all the descriptors that this process may have, for as long as it lives.
class descriptor_hog {
 public:
  descriptor_hog() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    auto scarce = before_;
    scarce.rlim_cur = 256;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &scarce), 0);
    for (int next = ::dup(STDERR_FILENO); next >= 0; next = ::dup(STDERR_FILENO)) {
      taken_.push_back(next);
    }
  }
  descriptor_hog(const descriptor_hog&) = delete;
  descriptor_hog& operator=(const descriptor_hog&) = delete;
  ~descriptor_hog() {
    give_back(taken_.size());
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }

  void give_back(std::size_t count) {
    for (; count > 0 && !taken_.empty(); --count) {
      ::close(taken_.back());
      taken_.pop_back();
    }
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST(descriptors, that_run_out_keep_clients_waiting_and_no_longer) {
  live_server server(fill);
  raw_client client(server.port());
  EXPECT_EQ(client.ask(post("/take", "a")).status, 200);
  std::optional<raw_client> waiting;
  {
    descriptor_hog hog;
    hog.give_back(4);  // the client's socket and event loop; none is left for the server's side
    waiting.emplace(server.port());
    waiting->say(post("/take", "abc"));
    server.on_lane([] {});
    EXPECT_EQ(client.ask(post("/take", "a")).status, 200);
  }
  EXPECT_EQ(waiting->hear().body, "3");
}

}  // namespace
}  // namespace meridian::http
