// Live connections over real sockets: handshake, texts both ways, order, endings.
#include "http/websocket.hpp"

#include <atomic>
#include <deque>
#include <thread>

#include <gtest/gtest.h>

#include "http/live_client.hpp"
#include "http/live_server.hpp"

namespace meridian::http {
namespace {

using namespace std::chrono_literals;

// Looks again and again, for 20 s at most.
bool comes_true(const std::function<bool()>& condition) {
  const auto until = deadline::in(20s);
  while (!condition() && !until.passed()) {
    std::this_thread::yield();
  }
  return condition();
}

// Does what the client's texts say; of one server, on its lane.
struct stage {
  std::vector<websocket*> open;
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
};

class parrot final : public websocket_listener {
 public:
  explicit parrot(stage& all) : all_(all) {}

  void begin(websocket& connection) override {
    connection_ = &connection;
    all_.open.push_back(connection_);
    ++all_.begun;
    connection.send(make_text_frame("welcome"));
  }

  void on_text(std::string_view text) override {
    if (text == "all") {
      const auto frame = make_text_frame("for all");
      for (auto* one : all_.open) {
        one->send(frame);
      }
    } else if (text == "close") {
      connection_->send(make_text_frame("last"));
      connection_->close(close_code::policy, "as you wish");
      connection_->send(make_text_frame("too late"));
      connection_->close(close_code::normal, "twice");
    } else if (text == "throw") {
      throw std::logic_error("a bug");
    } else {
      connection_->send(make_text_frame(text));
    }
  }

  shared_frame farewell(close_code code) override {
    return make_text_frame(code == close_code::going_away ? "reconnect" : "too slow");
  }

  void ended() noexcept override {
    std::erase(all_.open, connection_);
    ++all_.ended;
  }

 private:
  stage& all_;
  websocket* connection_ = nullptr;
};

class live : public testing::Test {
 protected:
  task<std::unique_ptr<websocket_listener>> decide(request asked) {
    if (asked.headers.find("Origin") == "http://elsewhere") {
      co_return error{errc::forbidden, "not from there", ""};
    }
    co_return std::make_unique<parrot>(all);
  }

  live_client connect(std::string_view fields = "") { return {"127.0.0.1", server.port(), "/live", fields}; }

  websocket_counters counters() {
    websocket_counters found;
    server.on_server([&](class server& running) { found = running.websockets(); });
    return found;
  }

  stage all;
  live_server server{[this](router& routes, turnstile&) {
    routes.add_websocket("/live", [this](request asked) { return decide(std::move(asked)); });
    websocket_limits small;
    small.compresses = true;
    routes.add_websocket("/small", [this](request asked) { return decide(std::move(asked)); }, small);
  }};
};

constexpr std::string_view asking =
    "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

TEST_F(live, texts_go_both_ways) {
  auto client = connect();
  ASSERT_EQ(client.status(), 101) << client.body();
  EXPECT_EQ(client.hear(), "welcome");
  const std::string longer(60'000, 'x');
  for (const auto& text : {std::string("one"), std::string(), longer, std::string("\xc3\xa9")}) {
    EXPECT_TRUE(client.say(text));
    EXPECT_EQ(client.hear(), text);
  }
  EXPECT_TRUE(client.close(1000, "bye"));
  EXPECT_TRUE(comes_true([&] { return all.ended == 1; }));
}

// The example of RFC 6455, 1.3.
TEST_F(live, the_handshake_answers_the_key) {
  raw_client client(server.port());
  client.say(get("/live", asking));
  const auto answer = client.hear(false);
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.field("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(answer.field("Upgrade"), "websocket");
  EXPECT_EQ(answer.field("Connection"), "Upgrade");
  EXPECT_EQ(answer.field("Sec-WebSocket-Extensions"), "");
}

TEST_F(live, a_request_without_upgrade_is_told_so_and_its_connection_goes_on) {
  raw_client client(server.port());
  const std::string wrong_version =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: "
      "dGhlIHNhbXBsZSBub25jZQ==\r\n";
  for (const auto& fields : {std::string(), wrong_version, std::string("Upgrade: h2c\r\nConnection: Upgrade\r\n")}) {
    const auto answer = client.ask(get("/live", fields));
    EXPECT_EQ(answer.status, 426);
    EXPECT_EQ(answer.field("Upgrade"), "websocket");
    EXPECT_EQ(answer.field("Sec-WebSocket-Version"), "13");
  }
  EXPECT_EQ(
      client.ask(get("/live", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")).status, 400
  );
  EXPECT_EQ(client.ask(post("/live", "", asking)).status, 405);
}

TEST_F(live, a_handshake_that_is_refused_is_answered_and_its_connection_goes_on) {
  raw_client client(server.port());
  const auto refused = client.ask(get("/live", std::string(asking) + "Origin: http://elsewhere\r\n"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("not from there"), std::string::npos);
  client.say(get("/live", asking));
  EXPECT_EQ(client.hear(false).status, 101);
}

TEST_F(live, texts_that_come_with_the_handshake_are_heard) {
  raw_client client(server.port());
  client.say(get("/live", asking) + std::string("\x81\x82\0\0\0\0hi", 8));
  EXPECT_EQ(client.hear(false).status, 101);
  client.end_saying();
  EXPECT_EQ(client.hear_all(), "\x81\x07welcome\x81\x02hi");
}

TEST_F(live, one_frame_goes_to_all_in_order) {
  std::deque<live_client> clients;
  for (int count = 0; count < 20; ++count) {
    EXPECT_EQ(clients.emplace_back(connect()).hear(), "welcome");
  }
  for (int round = 0; round < 10; ++round) {
    clients.front().say("all");
    for (auto& client : clients) {
      EXPECT_EQ(client.hear(), "for all");
    }
    clients.back().say(std::to_string(round));
    EXPECT_EQ(clients.back().hear(), std::to_string(round));
  }
}

TEST_F(live, what_one_turn_says_leaves_in_one_system_call) {
  auto client = connect();
  EXPECT_EQ(client.hear(), "welcome");
  const auto before = counters();
  server.on_lane([&] {
    for (int count = 0; count < 50; ++count) {
      all.open.front()->send(make_text_frame(std::to_string(count)));
    }
  });
  for (int count = 0; count < 50; ++count) {
    EXPECT_EQ(client.hear(), std::to_string(count));
  }
  EXPECT_EQ(counters().frames_sent - before.frames_sent, 50);
  EXPECT_EQ(counters().writes - before.writes, 1);
}

TEST_F(live, pings_are_answered_between_texts) {
  auto client = connect();
  EXPECT_EQ(client.hear(), "welcome");
  EXPECT_TRUE(client.ping("are you there"));
  EXPECT_TRUE(client.say("after"));
  EXPECT_EQ(client.hear(), "after");
  EXPECT_EQ(client.last_pong(), "are you there");
}

TEST_F(live, texts_are_compressed_where_both_want_it) {
  const std::string longer(10'000, 'x');
  for (const bool offers : {false, true}) {
    for (const auto* path : {"/live", "/small"}) {
      live_client client("127.0.0.1", server.port(), path, "", offers);
      EXPECT_EQ(client.status(), 101);
      const bool agreed = offers && std::string_view(path) == "/small";
      EXPECT_EQ(!client.field("Sec-WebSocket-Extensions").empty(), agreed);
      EXPECT_EQ(client.hear(), "welcome");
      for (const auto& text : {std::string("short"), longer, longer, std::string("short")}) {
        EXPECT_TRUE(client.say(text));
        EXPECT_EQ(client.hear(), text);
      }
    }
  }
}

TEST_F(live, a_close_comes_behind_what_was_said_and_once) {
  auto client = connect();
  EXPECT_EQ(client.hear(), "welcome");
  client.say("close");
  EXPECT_EQ(client.hear(), "last");
  EXPECT_EQ(client.await_close(), 1008);
  EXPECT_EQ(client.close_reason(), "as you wish");
  EXPECT_TRUE(comes_true([&] { return all.ended == 1; }));
}

TEST_F(live, a_clients_close_is_answered_with_its_code) {
  raw_client client(server.port());
  client.say(get("/live", asking));
  EXPECT_EQ(client.hear(false).status, 101);
  client.say(std::string("\x88\x82\0\0\0\0\x0f\xa0", 8));
  EXPECT_EQ(client.hear_all(), "\x81\x07welcome\x88\x02\x0f\xa0");
}

TEST_F(live, a_client_that_goes_without_a_word_is_noticed) {
  {
    auto client = connect();
    EXPECT_EQ(client.hear(), "welcome");
    client.drop();
  }
  EXPECT_TRUE(comes_true([&] { return all.ended == 1; }));
  raw_client half(server.port());
  half.say(get("/live", asking));
  EXPECT_EQ(half.hear(false).status, 101);
  half.end_saying();
  half.hear_all();
  EXPECT_TRUE(comes_true([&] { return all.ended == 2 && counters().open == 0; }));
  EXPECT_EQ(counters().queued_bytes, 0);
}

TEST_F(live, a_listeners_bug_ends_one_connection) {
  auto client = connect();
  auto other = connect();
  client.say("throw");
  EXPECT_EQ(client.await_close(), 1011);
  other.say("still here");
  EXPECT_EQ(other.hear(), "welcome");
  EXPECT_EQ(other.hear(), "still here");
}

TEST_F(live, a_drain_says_goodbye_and_waits_for_it) {
  auto client = connect();
  EXPECT_EQ(client.hear(), "welcome");
  auto stopped = server.stop(20s);
  EXPECT_EQ(client.hear(), "reconnect");
  EXPECT_EQ(client.await_close(), 1001);
  EXPECT_TRUE(stopped.get());
  EXPECT_EQ(all.ended, 1);
}

TEST_F(live, a_drain_does_not_wait_for_those_who_do_not_answer) {
  raw_client deaf(server.port());
  deaf.say(get("/live", asking));
  EXPECT_EQ(deaf.hear(false).status, 101);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(server.stop(20s).get());
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  EXPECT_EQ(all.ended, 1);
}

TEST_F(live, a_drains_deadline_holds) {
  raw_client deaf(server.port());
  deaf.say(get("/live", asking));
  EXPECT_EQ(deaf.hear(false).status, 101);
  const auto stopped = server.stop(50ms).get();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, errc::timed_out);
  EXPECT_EQ(all.ended, 1);
}

TEST_F(live, handshakes_are_refused_once_the_stop_is_announced) {
  server.announce_stop();
  EXPECT_EQ(connect().status(), 503);
}

TEST_F(live, a_server_that_is_dropped_ends_them) {
  auto client = connect();
  EXPECT_EQ(client.hear(), "welcome");
  server.drop();
  EXPECT_EQ(client.await_close(), 1006);
  EXPECT_EQ(all.ended, 1);
}

class kept_answers final : public observer {
 public:
  void on_answer(const exchange& done) noexcept override {
    if (done.pattern() == "/live") {
      last_status = done.status;
    }
  }
  std::atomic<int> last_status = 0;
};

TEST(live_hooks, the_observer_sees_the_handshake_and_common_headers_are_sent) {
  stage all;
  const auto watcher = std::make_shared<kept_answers>();
  server_hooks hooks;
  hooks.watcher = watcher;
  hooks.common_headers.add("Served-By", "me");
  const live_server server(
      [&](router& routes, turnstile&) {
        routes.add_websocket("/live", [&](request) -> task<std::unique_ptr<websocket_listener>> {
          return std::invoke(
              [](stage& kept) -> task<std::unique_ptr<websocket_listener>> {
                co_return std::make_unique<parrot>(kept);
              },
              all
          );
        });
      },
      {}, std::move(hooks)
  );
  const live_client client("127.0.0.1", server.port(), "/live");
  EXPECT_EQ(client.field("Served-By"), "me");
  EXPECT_TRUE(comes_true([&] { return watcher->last_status == 101; }));
}

}  // namespace
}  // namespace meridian::http
