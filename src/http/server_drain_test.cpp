// How a server ends: in peace, at its deadline, or unasked.
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "http/live_server.hpp"

namespace meridian::http {
namespace {

using namespace std::chrono_literals;

task<response> answer_at_once(request received) {
  response answer;
  answer.body = received.body;
  co_return answer;
}

void fill(router& routes, turnstile& gate) {
  routes.add(verb::post, "/", answer_at_once).add(verb::get, "/gate", [&gate](request received) {
    return gate.answer(std::move(received));
  });
}

TEST(drain, is_over_at_once_where_nothing_is_at_hand) {
  live_server server(fill);
  raw_client idle(server.port());
  EXPECT_EQ(idle.ask(post("/", "a")).status, 200);
  EXPECT_TRUE(server.stop(20s).get());
  EXPECT_TRUE(idle.is_at_end());
  EXPECT_THROW(raw_client(server.port()), boost::system::system_error);
}

TEST(drain, lets_requests_at_hand_end_and_says_that_it_was_the_last) {
  live_server server(fill);
  raw_client first(server.port());
  raw_client second(server.port());
  raw_client halfway(server.port());
  EXPECT_EQ(halfway.ask(post("/", "a")).status, 200);
  first.say(get("/gate"));
  second.say(get("/gate") + get("/gate"));
  server.gate().await_arrivals(2);
  // What the lane has read of it when the server is told to stop is not known; that it has come is.
  halfway.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na");
  auto stopped = server.stop(20s);
  halfway.say("bc");
  const auto finished = halfway.hear();
  EXPECT_EQ(finished.body, "abc");
  EXPECT_EQ(finished.field("Connection"), "close");
  server.gate().open();
  for (auto* client : {&first, &second}) {
    const auto answer = client->hear();
    EXPECT_EQ(answer.body, "passed");
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(client->is_at_end());
    client->end_saying();
  }
  halfway.end_saying();
  EXPECT_TRUE(stopped.get());
}

TEST(drain, cuts_off_what_is_left_at_its_deadline) {
  live_server server(fill);
  raw_client client(server.port());
  client.say(get("/gate"));
  server.gate().await_arrivals(1);
  const auto outcome = server.stop(50ms).get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::timed_out);
  EXPECT_EQ(outcome.error().message, "connections cut off at the deadline: 1, of which in a handler: 1");
  EXPECT_TRUE(client.is_at_end());
}

TEST(drain, under_load_breaks_no_response) {
  live_server server(fill);
  constexpr int client_count = 16;
  std::atomic<int> answered = 0;
  std::atomic<int> broken = 0;
  std::vector<std::thread> clients;
  clients.reserve(client_count);
  for (int count = 0; count < client_count; ++count) {
    clients.emplace_back([&] {
      raw_client client(server.port());
      for (bool goes_on = true; goes_on;) {
        const bool said = client.say(post("/", "hello"));
        const auto answer = client.hear();
        // A connection may end where a response would begin, never inside of one.
        broken += answer.status != 0 ? answer.body != "hello" : !client.is_at_end();
        goes_on = said && answer.status == 200 && answer.field("Connection") != "close";
        answered += answer.status == 200 ? 1 : 0;
        answered.notify_all();
      }
    });
  }
  for (int seen = answered; seen < 50 * client_count; seen = answered) {
    answered.wait(seen);
  }
  const auto outcome = server.stop(20s).get();
  for (auto& client : clients) {
    client.join();
  }
  EXPECT_TRUE(outcome);
  EXPECT_EQ(broken, 0);
}

// What a deployment does: announce, wait until the clients have gone by themselves, stop.
TEST(drain, that_was_announced_leaves_no_request_without_an_answer) {
  live_server server(fill);
  constexpr int client_count = 16;
  std::atomic<int> answered = 0;
  std::atomic<int> unanswered = 0;
  std::vector<std::thread> clients;
  clients.reserve(client_count);
  for (int count = 0; count < client_count; ++count) {
    clients.emplace_back([&] {
      raw_client client(server.port());
      std::string connection;
      while (connection != "close") {
        const auto answer = client.ask(post("/", "hello"));
        unanswered += answer.status != 200;
        connection = answer.status == 200 ? answer.field("Connection") : "close";
        ++answered;
        answered.notify_all();
      }
    });
  }
  for (int seen = answered; seen < 50 * client_count; seen = answered) {
    answered.wait(seen);
  }
  server.announce_stop();
  raw_client late(server.port());
  EXPECT_EQ(late.ask(post("/", "hello")).field("Connection"), "close") << "still accepted";
  for (auto& client : clients) {
    client.join();
  }
  EXPECT_TRUE(server.stop(20s).get());
  EXPECT_EQ(unanswered, 0);
}

TEST(drain, serves_the_first_request_of_a_connection_that_has_just_come) {
  live_server server(fill);
  raw_client fresh(server.port());
  raw_client silent(server.port());
  auto stopped = server.stop(20s);
  std::this_thread::yield();
  EXPECT_EQ(fresh.ask(post("/", "hello")).body, "hello");
  fresh.end_saying();
  EXPECT_TRUE(silent.is_at_end());
  EXPECT_TRUE(stopped.get());
}

TEST(server, that_is_destroyed_cuts_its_connections_off) {
  live_server server(fill);
  raw_client idle(server.port());
  raw_client waiting(server.port());
  EXPECT_EQ(idle.ask(post("/", "a")).status, 200);
  waiting.say(get("/gate"));
  server.gate().await_arrivals(1);
  server.drop();
  EXPECT_TRUE(idle.is_at_end());
  EXPECT_TRUE(waiting.is_at_end());
}

TEST(server, may_go_down_with_its_lane) {
  boost::asio::io_context loop(1);
  router routes;
  turnstile gate(loop);
  fill(routes, gate);
  auto started = server::start(loop.get_executor(), listen_address(), std::move(routes));
  ASSERT_TRUE(started);
  raw_client client(started->port());
  client.say(get("/gate"));
  while (started->connection_count() == 0) {
    loop.run_one();
  }
  loop.poll();
}

}  // namespace
}  // namespace meridian::http
