// What a server does for clients that behave, over real sockets.
#include "http/server.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include "http/live_server.hpp"

namespace meridian::http {
namespace {

using namespace std::chrono_literals;

response text_response(std::string text) {
  response answer;
  answer.content_type = "text/plain";
  answer.body = std::move(text);
  return answer;
}

task<response> echo(request received) {
  co_return text_response(
      std::string(to_string(received.method)) + " " + received.path + " " + received.body + " " + received.peer_address
  );
}

task<response> find_nothing(request) {
  co_return error{errc::not_found, "no such thing", "make one"};
}

task<response> fail_inside(request) {
  co_return error{errc::internal, "the disk /dev/secret is full", ""};
}

task<response> throw_up(request received) {
  if (received.method == verb::get) {
    throw std::runtime_error("secret");
  }
  co_return response();
}

task<response> throw_no_exception(request received) {
  if (received.method == verb::get) {
    throw 7;
  }
  co_return response();
}

task<response> split_response(request) {
  response answer;
  answer.headers.add("Location", "/a\r\nSet-Cookie: b");
  co_return answer;
}

task<response> no_content(request) {
  response answer;
  answer.status = 204;
  co_return answer;
}

task<response> tell_query(request received) {
  co_return text_response(std::string(received.query.find("q").value_or("none")) + received.id);
}

// The first in is the last out, unless the server serves one request at a time.
task<response> take_time(request received) {
  MERIDIAN_CO_CHECK(co_await pause(std::chrono::milliseconds(30 - 10 * received.number("n"))));
  co_return text_response(received.path);
}

void fill(router& routes, turnstile& gate) {
  routes.add(verb::get, "/echo/{name}", echo)
      .add(verb::post, "/echo", echo)
      .add(verb::get, "/nothing", find_nothing)
      .add(verb::get, "/inside", fail_inside)
      .add(verb::get, "/throw", throw_up)
      .add(verb::get, "/throw-int", throw_no_exception)
      .add(verb::get, "/split", split_response)
      .add(verb::get, "/no-content", no_content)
      .add(verb::get, "/query", tell_query)
      .add(verb::get, "/slow/{n:number}", take_time)
      .add(verb::get, "/gate", [&gate](request received) { return gate.answer(std::move(received)); });
}

class server_test : public testing::Test {
 protected:
  live_server server_{fill};
  raw_client client_{server_.port()};
};

TEST_F(server_test, answers_a_request) {
  const auto answer = client_.ask(get("/echo/a%20b"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "GET /echo/a b  127.0.0.1");
  EXPECT_EQ(answer.field("Content-Type"), "text/plain");
  EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.field("Cache-Control"), "no-store");
  EXPECT_EQ(answer.field("Connection"), "");
  EXPECT_TRUE(answer.field("Date").ends_with(" GMT"));
}

TEST_F(server_test, keeps_the_connection) {
  for (int count = 0; count < 3; ++count) {
    EXPECT_EQ(client_.ask(get("/query?q=" + std::to_string(count))).body[0], '0' + count);
  }
  EXPECT_EQ(client_.ask(get("/none")).status, 404);
  EXPECT_EQ(client_.ask(post("/echo", "body")).body, "POST /echo body 127.0.0.1");
}

TEST_F(server_test, closes_when_asked_to) {
  EXPECT_EQ(client_.ask(get("/echo/a", "Connection: close\r\n")).field("Connection"), "close");
  EXPECT_TRUE(client_.is_at_end());
}

TEST_F(server_test, closes_after_http_1_0) {
  EXPECT_EQ(client_.ask("GET /echo/a HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_TRUE(client_.is_at_end());
}

TEST_F(server_test, reads_a_request_that_comes_byte_by_byte) {
  for (const char byte : post("/echo", "abc")) {
    ASSERT_TRUE(client_.say(std::string_view(&byte, 1)));
  }
  EXPECT_EQ(client_.hear().body, "POST /echo abc 127.0.0.1");
}

TEST_F(server_test, reads_a_chunked_body) {
  client_.say("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  EXPECT_EQ(client_.ask("2\r\nde\r\n0\r\n\r\n" + get("/echo/next")).body, "POST /echo abcde 127.0.0.1");
  EXPECT_EQ(client_.hear().body, "GET /echo/next  127.0.0.1");
}

TEST_F(server_test, reads_a_large_body) {
  const std::string body(1 << 20, 'x');
  EXPECT_EQ(client_.ask(post("/echo", body)).body, "POST /echo " + body + " 127.0.0.1");
}

TEST_F(server_test, answers_pipelined_requests_in_order) {
  client_.say(get("/slow/1") + get("/slow/2") + get("/slow/3"));
  for (const auto* path : {"/slow/1", "/slow/2", "/slow/3"}) {
    EXPECT_EQ(client_.hear().body, path);
  }
}

TEST_F(server_test, survives_a_flood_of_pipelined_requests) {
  constexpr int count = 5000;
  std::string flood;
  for (int number = 0; number < count; ++number) {
    flood += get("/echo/" + std::to_string(number));
  }
  std::thread talker([&] { client_.say(flood); });
  for (int number = 0; number < count; ++number) {
    ASSERT_EQ(client_.hear().body, "GET /echo/" + std::to_string(number) + "  127.0.0.1");
  }
  talker.join();
}

TEST_F(server_test, sends_no_body_to_head) {
  client_.say("HEAD /echo/a HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto answer = client_.hear(false);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Content-Length"), "23");
  client_.say("HEAD /none HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client_.hear(false).status, 404);
  EXPECT_EQ(client_.ask(get("/echo/b")).body, "GET /echo/b  127.0.0.1");
}

TEST_F(server_test, sends_no_body_with_204) {
  EXPECT_EQ(client_.ask(get("/no-content")).status, 204);
  EXPECT_EQ(client_.ask(get("/echo/b")).body, "GET /echo/b  127.0.0.1");
}

TEST_F(server_test, invites_a_body_that_waits_for_it) {
  client_.say("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client_.hear().status, 100);
  EXPECT_EQ(client_.ask("abc").body, "POST /echo abc 127.0.0.1");
}

TEST_F(server_test, does_not_invite_a_body_that_it_would_refuse) {
  client_.say("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_EQ(client_.hear().status, 413);
  raw_client other(server_.port());
  other.say("POST /none HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(other.hear().status, 404);
  EXPECT_TRUE(other.is_at_end());
}

TEST_F(server_test, turns_errors_into_problems) {
  const auto answer = client_.ask(get("/nothing"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.field("Content-Type"), "application/problem+json");
  EXPECT_NE(answer.body.find("make one"), std::string::npos);
}

TEST_F(server_test, tells_nothing_of_what_goes_wrong_inside) {
  for (const auto* path : {"/inside", "/throw", "/throw-int"}) {
    const auto answer = client_.ask(get(path));
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_EQ(answer.body.find("secret"), std::string::npos) << path;
  }
}

TEST_F(server_test, sends_no_response_that_holds_another) {
  const auto answer = client_.ask(get("/split"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.field("Set-Cookie"), "");
}

TEST_F(server_test, names_the_methods_of_a_path) {
  const auto answer = client_.ask(get("/echo"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.field("Allow"), "POST");
}

TEST_F(server_test, passes_a_request_id_on_or_makes_one) {
  const auto given = client_.ask(get("/query", "X-Request-Id: abc-1\r\n"));
  EXPECT_EQ(given.field("X-Request-Id"), "abc-1");
  EXPECT_EQ(given.body, "noneabc-1");
  const auto forged = client_.ask(get("/query", "X-Request-Id: \"}\r\n"));
  EXPECT_EQ(forged.field("X-Request-Id").size(), 16);
  const auto missing = client_.ask(get("/none"));
  EXPECT_EQ(missing.field("X-Request-Id").size(), 16);
  EXPECT_NE(missing.field("X-Request-Id"), forged.field("X-Request-Id"));
}

TEST_F(server_test, answers_a_client_that_has_ended_its_side) {
  client_.say(get("/echo/a") + get("/echo/b"));
  client_.end_saying();
  EXPECT_EQ(client_.hear().body, "GET /echo/a  127.0.0.1");
  EXPECT_EQ(client_.hear().body, "GET /echo/b  127.0.0.1");
  EXPECT_TRUE(client_.is_at_end());
}

TEST_F(server_test, answers_400_to_a_request_that_ends_halfway) {
  for (const std::string& whole : {get("/echo/a"), post("/echo", "abc")}) {
    raw_client client(server_.port());
    client.say(whole.substr(0, whole.size() - 1));
    client.end_saying();
    EXPECT_EQ(client.hear().status, 400);
    EXPECT_TRUE(client.is_at_end());
  }
}

TEST_F(server_test, answers_400_to_malformed_requests_and_closes) {
  for (const auto* bytes :
       {"nonsense\r\n\r\n", "\x16\x03\x01\x02\x00\x01", "GET / HTTP/1.1\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", "GET /../etc HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    raw_client client(server_.port());
    const auto answer = client.ask(std::string(bytes) + get("/echo/smuggled"));
    EXPECT_EQ(answer.status, 400) << bytes;
    EXPECT_EQ(answer.field("Content-Type"), "application/problem+json");
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(client.is_at_end()) << bytes;
  }
}

TEST_F(server_test, forgets_a_client_that_leaves) {
  {
    raw_client impatient(server_.port());
    impatient.say(get("/gate"));
    server_.gate().await_arrivals(1);
  }
  server_.gate().open();
  EXPECT_EQ(client_.ask(get("/echo/a")).status, 200);
}

TEST_F(server_test, says_which_port_is_taken_and_what_to_do) {
  server_.on_lane([this] {
    boost::asio::io_context loop(1);
    const listen_address where{.address = "127.0.0.1", .port = server_.port(), .shares_port = false};
    const auto second = server::start(loop.get_executor(), where, router());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, errc::conflict);
    EXPECT_NE(second.error().message.find("127.0.0.1:" + std::to_string(server_.port())), std::string::npos);
    EXPECT_NE(second.error().remedy.find("another port"), std::string::npos);
  });
}

TEST(server, says_which_address_is_not_to_be_had) {
  boost::asio::io_context loop(1);
  for (const auto* address : {"localhost", "192.0.2.1"}) {
    const listen_address where{.address = address, .port = 0, .shares_port = false};
    const auto started = server::start(loop.get_executor(), where, router());
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, errc::invalid_argument);
    EXPECT_NE(started.error().message.find(address), std::string::npos);
  }
}

TEST(server, shares_a_port_between_lanes_that_say_so) {
  boost::asio::io_context loop(1);
  const listen_address first_address{.address = "127.0.0.1", .port = 0, .shares_port = true};
  const auto first = server::start(loop.get_executor(), first_address, router());
  ASSERT_TRUE(first);
  const listen_address second_address{.address = "127.0.0.1", .port = first->port(), .shares_port = true};
  EXPECT_TRUE(server::start(loop.get_executor(), second_address, router()));
}

}  // namespace
}  // namespace meridian::http
