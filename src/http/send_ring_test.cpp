#include "http/send_ring.hpp"

#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace meridian::http {
namespace {

// Two connected sockets; ours does not block.
struct pair {
  pair() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ours = ends[0];
    theirs = ends[1];
    ::fcntl(ours, F_SETFL, O_NONBLOCK);
  }
  pair(const pair&) = delete;
  pair& operator=(const pair&) = delete;
  ~pair() {
    ::close(ours);
    ::close(theirs);
  }

  std::string take() const {
    char bytes[100];
    const auto count = ::recv(theirs, bytes, sizeof bytes, MSG_DONTWAIT);
    return {bytes, static_cast<std::size_t>(count < 0 ? 0 : count)};
  }

  int ours = -1;
  int theirs = -1;
};

class send_ring_test : public testing::Test {
 protected:
  void SetUp() override {
    auto made = send_ring::make();
    if (!made) {
      GTEST_SKIP() << "this kernel has no io_uring, or forbids it: " << made.error().message;
    }
    ring = std::move(*made);
  }

  std::unique_ptr<send_ring> ring;
};

TEST_F(send_ring_test, sends_as_many_as_it_holds_time_after_time) {
  std::vector<pair> all(send_ring::capacity);
  for (int round = 0; round < 3; ++round) {
    const auto said = "round " + std::to_string(round);
    for (const auto& one : all) {
      ring->add(one.ours, said);
    }
    EXPECT_EQ(ring->size(), all.size());
    for (const int outcome : ring->submit()) {
      EXPECT_EQ(outcome, static_cast<int>(said.size()));
    }
    EXPECT_EQ(ring->size(), 0U);
    for (const auto& one : all) {
      EXPECT_EQ(one.take(), said);
    }
  }
  EXPECT_FALSE(ring->is_broken());
}

TEST_F(send_ring_test, each_outcome_is_its_own_and_none_waits) {
  pair well;
  pair full;
  pair left;
  while (::send(full.ours, "much", 4, 0) > 0) {
  }
  ::shutdown(left.theirs, SHUT_RDWR);
  ring->add(full.ours, "hello");
  ring->add(-1, "hello");
  ring->add(well.ours, "hello");
  ring->add(left.ours, "hello");
  const auto outcomes = ring->submit();
  ASSERT_EQ(outcomes.size(), 4U);
  EXPECT_EQ(outcomes[0], -EAGAIN);
  EXPECT_EQ(outcomes[1], -EBADF);
  EXPECT_EQ(outcomes[2], 5);
  EXPECT_EQ(outcomes[3], -EPIPE);
  EXPECT_EQ(well.take(), "hello");
  EXPECT_FALSE(ring->is_broken());
}

TEST_F(send_ring_test, a_small_room_takes_a_part) {
  pair one;
  const std::string much(10 << 20, 'x');
  ring->add(one.ours, much);
  const auto outcomes = ring->submit();
  EXPECT_GT(outcomes[0], 0);
  EXPECT_LT(outcomes[0], static_cast<int>(much.size()));
}

// The kernel lets one thread alone submit: to another it refuses, and that is what a ring that breaks is like.
TEST_F(send_ring_test, says_which_sends_it_did_not_begin) {
  pair one;
  std::thread([&] {
    ring->add(one.ours, "hello");
    const auto outcomes = ring->submit();
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0], send_ring::not_begun);
    EXPECT_TRUE(ring->is_broken());
  }).join();
  EXPECT_EQ(one.take(), "");
}

// It may have some later.
TEST_F(send_ring_test, a_process_without_descriptors_has_none_now) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{0, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  const auto made = send_ring::make();
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::overloaded);
  EXPECT_TRUE(send_ring::make());
}

}  // namespace
}  // namespace meridian::http
