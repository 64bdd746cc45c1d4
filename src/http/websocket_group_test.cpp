// One frame to many live connections, in one system call where the kernel has a way to, and one by one.
#include <algorithm>
#include <atomic>
#include <iterator>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "http/live_client.hpp"
#include "http/live_server.hpp"
#include "http/send_ring.hpp"

namespace meridian::http {
namespace {

using namespace std::chrono_literals;

struct everybody {
  std::vector<websocket*> open;
  std::atomic<std::size_t> count = 0;
  std::atomic<int> ended = 0;
};

class listener final : public websocket_listener {
 public:
  explicit listener(everybody& all) : all_(all) {}

  void begin(websocket& connection) override {
    connection_ = &connection;
    all_.open.push_back(connection_);
    all_.count = all_.open.size();
  }
  void on_text(std::string_view) override {}
  void ended() noexcept override {
    std::erase(all_.open, connection_);
    ++all_.ended;
  }

 private:
  everybody& all_;
  websocket* connection_ = nullptr;
};

task<std::unique_ptr<websocket_listener>> grant(everybody& all) {
  co_return std::make_unique<listener>(all);
}

// With the parameter: in one system call.
class websocket_group_test : public testing::TestWithParam<bool> {
 protected:
  websocket_group_test() {
    limits_.queued_bytes_max = 100'000'000;
    limits_.compresses = true;
    begin();
  }

  // Anew, with the limits as they are.
  void begin() {
    server_.reset();
    server_limits other;
    other.has_io_uring = GetParam();
    server_ = std::make_unique<live_server>(
        [this](router& routes, turnstile&) {
          routes.add_websocket("/live", [this](const request&) { return grant(all_); }, limits_);
        },
        other
    );
  }

  void SetUp() override {
    if (GetParam() && !send_ring::make()) {
      GTEST_SKIP() << "this kernel has no io_uring, or forbids it";
    }
  }

  void gather(std::size_t count) {
    for (std::size_t made = 0; made < count; ++made) {
      clients_.emplace_back("127.0.0.1", server_->port(), "/live");
      ASSERT_EQ(clients_.back().status(), 101) << clients_.back().body();
    }
    await([&] { return all_.count == clients_.size(); });
  }

  static void await(const std::function<bool()>& condition) {
    const auto until = deadline::in(20s);
    while (!condition() && !until.passed()) {
      std::this_thread::yield();
    }
    EXPECT_TRUE(condition());
  }

  void on_all(const std::function<void(const std::vector<websocket*>&)>& action) {
    server_->on_lane([&] { action(all_.open); });
  }
  static void say_now(const std::vector<websocket*>& all, const std::vector<std::string>& texts) {
    std::vector<shared_frame> frames;
    std::ranges::transform(texts, std::back_inserter(frames), make_text_frame);
    all.front()->group().send_now(all, frames);
  }
  void say_now(const std::vector<std::string>& texts) {
    on_all([&](const auto& all) { say_now(all, texts); });
  }

  websocket_counters counters() {
    websocket_counters found;
    server_->on_server([&](server& running) { found = running.websockets(); });
    return found;
  }

  websocket_limits limits_;
  everybody all_;
  std::unique_ptr<live_server> server_;
  std::list<live_client> clients_;
};

TEST_P(websocket_group_test, each_hears_each_frame_once_and_in_order) {
  constexpr std::size_t count = send_ring::capacity + 40;
  gather(count);
  const auto before = counters();
  say_now({"one"});
  say_now({"two", "three", "four"});
  for (auto& client : clients_) {
    for (const auto* text : {"one", "two", "three", "four"}) {
      EXPECT_EQ(client.hear(), text);
    }
  }
  const auto after = counters();
  EXPECT_EQ(after.frames_sent - before.frames_sent, 4 * count);
  EXPECT_EQ(after.writes - before.writes, GetParam() ? 4 : 2 * count);
  EXPECT_EQ(after.queued_bytes, 0U);
}

TEST_P(websocket_group_test, what_is_queued_leaves_before) {
  gather(20);
  on_all([&](const auto& all) {
    for (std::size_t at = 0; at < all.size(); at += 2) {
      all[at]->send(make_text_frame("before"));
    }
    say_now(all, {"now"});
    for (auto* one : all) {
      one->send(make_text_frame("after"));
    }
  });
  bool has_one_before = true;
  for (auto& client : clients_) {
    if (has_one_before) {
      EXPECT_EQ(client.hear(), "before");
    }
    has_one_before = !has_one_before;
    EXPECT_EQ(client.hear(), "now");
    EXPECT_EQ(client.hear(), "after");
  }
}

// One reads nothing until the kernel takes no more of it; the others don't notice, and it misses nothing.
TEST_P(websocket_group_test, a_slow_reader_gets_all_of_it_later) {
  gather(20);
  auto& slow = clients_.front();
  const std::string much(200'000, 'x');
  constexpr int rounds = 100;
  for (int round = 0; round < rounds; ++round) {
    say_now({std::to_string(round) + much, "and"});
    for (auto& client : clients_) {
      if (&client != &slow) {
        ASSERT_EQ(client.hear(), std::to_string(round) + much);
        ASSERT_EQ(client.hear(), "and");
      }
    }
  }
  EXPECT_GT(counters().queued_bytes, 1'000'000U);
  for (int round = 0; round < rounds; ++round) {
    ASSERT_EQ(slow.hear(), std::to_string(round) + much);
    ASSERT_EQ(slow.hear(), "and");
  }
  say_now({"last"});
  EXPECT_EQ(slow.hear(), "last");
  EXPECT_EQ(counters().queued_bytes, 0U);
}

TEST_P(websocket_group_test, who_has_left_ends_and_the_others_hear) {
  gather(20);
  clients_.front().drop();
  for (int round = 0; round < 5; ++round) {
    say_now({"still here?"});
  }
  clients_.pop_front();
  for (auto& client : clients_) {
    for (int round = 0; round < 5; ++round) {
      EXPECT_EQ(client.hear(), "still here?");
    }
  }
  await([&] { return all_.ended == 1; });
}

TEST_P(websocket_group_test, who_takes_compressed_frames_gets_those) {
  gather(20);
  clients_.emplace_back("127.0.0.1", server_->port(), "/live", "", true);
  await([&] { return all_.count == clients_.size(); });
  const std::string text(1'000, 'x');
  say_now({text, "short", text});
  for (auto& client : clients_) {
    EXPECT_EQ(client.hear(), text);
    EXPECT_EQ(client.hear(), "short");
    EXPECT_EQ(client.hear(), text);
  }
}

TEST_P(websocket_group_test, who_is_closing_gets_nothing_more) {
  gather(20);
  on_all([&](const auto& all) {
    all.front()->close(close_code::policy, "enough");
    say_now(all, {"now"});
  });
  EXPECT_EQ(clients_.front().hear(), std::nullopt);
  EXPECT_EQ(clients_.front().await_close(), 1008);
  clients_.pop_front();
  for (auto& client : clients_) {
    EXPECT_EQ(client.hear(), "now");
  }
}

// The kernel takes a ring's sends from the thread that made it alone.
TEST_P(websocket_group_test, a_ring_that_breaks_costs_nobody_a_frame) {
  gather(20);
  say_now({"by the lane"});
  on_all([](const auto& all) { std::thread([&] { say_now(all, {"by another", "thread"}); }).join(); });
  const auto before = counters();
  say_now({"one by one"});
  EXPECT_EQ(counters().writes - before.writes, clients_.size());
  for (auto& client : clients_) {
    for (const auto* text : {"by the lane", "by another", "thread", "one by one"}) {
      EXPECT_EQ(client.hear(), text);
    }
  }
}

TEST_P(websocket_group_test, who_is_too_far_behind_is_1013) {
  limits_.queued_bytes_max = 1'000'000;
  begin();
  gather(20);
  auto& slow = clients_.front();
  const std::string much(200'000, 'x');
  for (int round = 0; round < 100 && counters().closed_slow == 0; ++round) {
    say_now({much});
    for (auto& client : clients_) {
      if (&client != &slow) {
        ASSERT_EQ(client.hear(), much);
      }
    }
  }
  EXPECT_EQ(counters().closed_slow, 1U);
  while (slow.hear()) {
  }
  EXPECT_EQ(slow.await_close(), 1013);
}

TEST_P(websocket_group_test, who_takes_nothing_is_1013_in_time) {
  limits_.queued_time_max = 300ms;
  begin();
  gather(20);
  const std::string much(20'000'000, 'x');
  const auto since = std::chrono::steady_clock::now();
  say_now({much});
  await([&] { return counters().closed_slow == clients_.size(); });
  EXPECT_GE(std::chrono::steady_clock::now() - since, 300ms);
}

INSTANTIATE_TEST_SUITE_P(io_uring, websocket_group_test, testing::Bool(), [](const auto& chosen) {
  return chosen.param ? "in_one_call" : "one_by_one";
});

}  // namespace
}  // namespace meridian::http
