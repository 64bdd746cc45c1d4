// What a client can make a live connection hold or wait for, each with its end.
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "http/frame.hpp"
#include "http/live_client.hpp"
#include "http/live_server.hpp"

namespace meridian::http {
namespace {

using namespace std::chrono_literals;

bool comes_true(const std::function<bool()>& condition) {
  const auto until = deadline::in(20s);
  while (!condition() && !until.passed()) {
    std::this_thread::yield();
  }
  return condition();
}

// Says texts back; the test may send more, on the lane.
struct held {
  std::vector<websocket*> open;
  std::atomic<int> ended = 0;
};

class echo final : public websocket_listener {
 public:
  explicit echo(held& all) : all_(all) {}

  void begin(websocket& connection) override {
    connection_ = &connection;
    all_.open.push_back(connection_);
  }
  void on_text(std::string_view text) override { connection_->send(make_text_frame(text)); }
  shared_frame farewell(close_code) override { return make_text_frame("come back"); }
  void ended() noexcept override {
    std::erase(all_.open, connection_);
    ++all_.ended;
  }

 private:
  held& all_;
  websocket* connection_ = nullptr;
};

task<std::unique_ptr<websocket_listener>> grant(held& all) {
  co_return std::make_unique<echo>(all);
}

// After its handshake.
class open_client : public raw_client {
 public:
  explicit open_client(std::uint16_t port) : raw_client(port) {
    say(
        get("/live",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
    );
    EXPECT_EQ(hear(false).status, 101);
  }
};

class house {
 public:
  explicit house(const std::function<void(websocket_limits&)>& change, const server_limits& server = {})
      : server_(
            [this, &change](router& routes, turnstile&) {
              websocket_limits limits;
              change(limits);
              routes.add_websocket("/live", [this](const request&) { return grant(all_); }, limits);
            },
            server
        ) {}

  live_client connect() { return {"127.0.0.1", server_.port(), "/live"}; }
  open_client connect_raw() { return open_client(server_.port()); }

  websocket_counters counters() {
    websocket_counters found;
    server_.on_server([&](server& running) { found = running.websockets(); });
    return found;
  }
  bool await_end(int count = 1) {
    return comes_true([&] { return all_.ended == count; });
  }
  void on_lane(const std::function<void(websocket&)>& action) {
    server_.on_lane([&] {
      if (!all_.open.empty()) {
        action(*all_.open.front());
      }
    });
  }
  live_server& running() { return server_; }

 private:
  held all_;
  live_server server_;
};

// Masked with zeros.
std::string frame_of(std::string_view head, std::string_view payload) {
  std::string frame(head);
  frame.append(4, '\0');
  return frame.append(payload);
}

void nothing(websocket_limits&) {}

TEST(live_limits, too_long_a_text_is_1009) {
  house server([](auto& limits) { limits.message_bytes_max = 1'000; });
  auto client = server.connect();
  EXPECT_TRUE(client.say(std::string(1'000, 'x')));
  EXPECT_EQ(client.hear()->size(), 1'000);
  client.say(std::string(1'001, 'x'));
  EXPECT_EQ(client.await_close(), 1009);
  EXPECT_TRUE(server.await_end());
  EXPECT_EQ(server.counters().closed_faulty, 1);
}

// The client goes on sending; it gets to see why all the same.
TEST(live_limits, a_text_without_end_is_answered_while_it_comes) {
  house server([](auto& limits) { limits.message_bytes_max = 100'000; });
  auto client = server.connect_raw();
  const auto part = frame_of(std::string_view("\x00\xfe\x27\x10", 4), std::string(10'000, 'x'));
  client.say(frame_of(std::string_view("\x01\x80", 2), ""));
  std::thread talker([&] {
    while (client.say(part)) {
    }
  });
  EXPECT_TRUE(server.await_end());
  talker.join();
  EXPECT_EQ(server.counters().closed_faulty, 1);
}

TEST(live_limits, fragments_without_content_end_too) {
  house server([](auto& limits) { limits.frames_burst = 100; });
  auto client = server.connect_raw();
  std::string empty_ones = frame_of(std::string_view("\x01\x80", 2), "");
  for (int count = 0; count < 200; ++count) {
    empty_ones += frame_of(std::string_view("\x00\x80", 2), "");
  }
  client.say(empty_ones);
  EXPECT_EQ(client.hear_all(), encode_close(close_code::policy, "too many frames"));
  EXPECT_TRUE(server.await_end());
}

TEST(live_limits, a_text_that_is_not_finished_in_time_is_1008) {
  house server([](auto& limits) { limits.message_time_max = 200ms; });
  auto client = server.connect_raw();
  client.say(frame_of(std::string_view("\x01\x82", 2), "hi"));
  EXPECT_EQ(client.hear_all(), encode_close(close_code::policy, "a text takes too long"));
  auto half = server.connect_raw();
  half.say("\x81");
  EXPECT_EQ(half.hear_all(), encode_close(close_code::policy, "a text takes too long"));
}

TEST(live_limits, what_is_no_text_is_1003_and_what_is_no_utf8_is_1007) {
  house server(nothing);
  auto client = server.connect();
  client.say_binary("abc");
  EXPECT_EQ(client.await_close(), 1003);
  auto other = server.connect();
  other.say("\xc3\x28");
  EXPECT_EQ(other.await_close(), 1007);
  auto third = server.connect();
  third.say_raw("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(third.await_close(), 1002);
  EXPECT_TRUE(server.await_end(3));
}

TEST(live_limits, floods_of_texts_and_of_pings_are_1008) {
  house server([](auto& limits) {
    limits.frames_burst = 50;
    limits.frames_per_second_max = 1;
  });
  auto client = server.connect();
  for (int count = 0; count < 60; ++count) {
    client.say("text");
  }
  EXPECT_EQ(client.await_close(), 1008);
  auto other = server.connect();
  for (int count = 0; count < 60; ++count) {
    other.ping("");
  }
  EXPECT_EQ(other.await_close(), 1008);
  EXPECT_TRUE(server.await_end(2));
}

TEST(live_limits, a_steady_talker_is_left_alone) {
  house server([](auto& limits) {
    limits.frames_burst = 5;
    limits.frames_per_second_max = 100;
  });
  auto client = server.connect();
  for (int count = 0; count < 30; ++count) {
    EXPECT_TRUE(client.say("text"));
    EXPECT_EQ(client.hear(), "text");
    EXPECT_TRUE(run(pause(15ms)));
  }
}

// Takes nothing while this sends.
void fill_up(house& server, std::size_t bytes, bool ephemeral = false) {
  const auto frame = make_text_frame(std::string(10'000, 'x'));
  server.on_lane([&](websocket& connection) {
    for (std::size_t sent = 0; sent < bytes; sent += frame->size()) {
      if (ephemeral) {
        connection.send_ephemeral(frame);
      } else {
        connection.send(frame);
      }
    }
  });
}

TEST(live_limits, a_slow_reader_loses_ephemeral_frames_first) {
  house server([](auto& limits) {
    limits.ephemeral_bytes_max = 20'000;
    limits.queued_bytes_max = 100'000'000;
  });
  auto client = server.connect();
  fill_up(server, 20'000'000);
  fill_up(server, 50'000, true);
  EXPECT_EQ(server.counters().ephemeral_dropped, 5);
  server.on_lane([](websocket& connection) { connection.send(make_text_frame("last")); });
  std::size_t count = 0;
  auto heard = client.hear();
  for (; heard && *heard != "last"; heard = client.hear()) {
    ++count;
  }
  EXPECT_EQ(heard, "last");
  EXPECT_EQ(count, 2'000);
  fill_up(server, 10'000, true);
  EXPECT_EQ(client.hear()->size(), 10'000);
}

TEST(live_limits, a_reader_that_is_too_far_behind_is_1013_behind_a_word_of_farewell) {
  house server([](auto& limits) { limits.queued_bytes_max = 1'000'000; });
  auto client = server.connect();
  // More than the kernel takes on both sides together.
  for (int count = 0; count < 1'000 && server.counters().closed_slow == 0; ++count) {
    fill_up(server, 500'000);
  }
  EXPECT_EQ(server.counters().closed_slow, 1);
  EXPECT_LT(server.counters().queued_bytes, 20'000);
  std::optional<std::string> last;
  for (auto heard = client.hear(); heard; heard = client.hear()) {
    last = std::move(heard);
  }
  EXPECT_EQ(last, "come back");
  EXPECT_EQ(client.await_close(), 1013);
  EXPECT_TRUE(server.await_end());
}

TEST(live_limits, who_reads_is_not_behind_because_much_is_said_at_once) {
  house server([](auto& limits) { limits.queued_bytes_max = 100'000; });
  auto client = server.connect();
  server.on_lane([](websocket& connection) {
    for (int count = 0; count < 30; ++count) {
      connection.send(make_text_frame(std::string(10'000, 'x')));
    }
  });
  for (int count = 0; count < 30; ++count) {
    ASSERT_TRUE(client.hear()) << count;
  }
  EXPECT_EQ(server.counters().closed_slow, 0);
}

TEST(live_limits, a_reader_that_takes_nothing_is_given_up_in_time) {
  house server([](auto& limits) {
    limits.queued_bytes_max = 100'000'000;
    limits.queued_time_max = 300ms;
    limits.closing_time_max = 300ms;
  });
  auto client = server.connect_raw();
  fill_up(server, 20'000'000);
  EXPECT_TRUE(server.await_end());
  EXPECT_EQ(server.counters().closed_slow, 1);
  EXPECT_EQ(server.counters().queued_bytes, 0);
}

TEST(live_limits, a_slow_reader_costs_the_others_nothing) {
  house server([](auto& limits) { limits.queued_bytes_max = 100'000'000; });
  auto slow = server.connect_raw();
  fill_up(server, 50'000'000);
  auto quick = server.connect();
  EXPECT_TRUE(quick.say("hello"));
  EXPECT_EQ(quick.hear(2s), "hello");
}

TEST(live_limits, silence_is_asked_about_and_a_pong_is_enough) {
  house server([](auto& limits) {
    limits.ping_interval = 200ms;
    limits.silence_max = 2'000ms;
  });
  auto client = server.connect();
  EXPECT_EQ(client.hear(3s), std::nullopt);  // answers pings meanwhile
  EXPECT_FALSE(client.is_over());
  EXPECT_GE(client.ping_count(), 3);
  EXPECT_EQ(server.counters().closed_silent, 0);
}

TEST(live_limits, a_peer_that_does_not_answer_pings_is_gone) {
  house server([](auto& limits) {
    limits.ping_interval = 100ms;
    limits.silence_max = 500ms;
  });
  auto client = server.connect_raw();
  EXPECT_TRUE(server.await_end());
  EXPECT_EQ(server.counters().closed_silent, 1);
  EXPECT_EQ(client.hear_all(), std::string("\x89\x00", 2));  // one ping, not one a look
}

TEST(live_limits, a_peer_that_does_not_answer_a_close_is_cut_off) {
  house server([](auto& limits) { limits.closing_time_max = 200ms; });
  auto client = server.connect_raw();
  server.on_lane([](websocket& connection) { connection.close(close_code::policy, "bye"); });
  EXPECT_TRUE(server.await_end());
  EXPECT_EQ(client.hear_all(), encode_close(close_code::policy, "bye"));
}

TEST(live_limits, live_connections_beyond_the_cap_are_refused_and_others_are_served) {
  server_limits limits;
  limits.websockets_max = 2;
  house server(nothing, limits);
  auto first = server.connect();
  {
    auto second = server.connect();
    EXPECT_EQ(second.status(), 101);
    const auto third = server.connect();
    EXPECT_EQ(third.status(), 503);
    EXPECT_EQ(third.field("Retry-After"), "1");
  }
  EXPECT_TRUE(comes_true([&] { return server.connect().status() == 101; }));
  EXPECT_TRUE(first.say("still here"));
  EXPECT_EQ(first.hear(), "still here");
}

TEST(live_limits, live_connections_do_not_count_among_the_others) {
  server_limits limits;
  limits.connections_max = 1;
  house server(nothing, limits);
  std::vector<live_client> clients;
  // The server notices in its own time that a handshake's connection is no ordinary one any more.
  const auto until = deadline::in(20s);
  while (clients.size() < 5 && !until.passed()) {
    auto one = server.connect();
    if (one.status() == 101) {
      clients.push_back(std::move(one));
    }
  }
  EXPECT_EQ(server.counters().open, 5);
}

}  // namespace
}  // namespace meridian::http
