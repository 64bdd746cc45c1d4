#include "runtime/rate_limiter.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace meridian {
namespace {

using namespace std::chrono_literals;

const rate_limiter::clock::time_point start{1000h};

TEST(rate_limiter, lets_a_burst_through_and_then_the_rate) {
  rate_limiter limit({.per_second = 2, .burst = 5});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(limit.take(1, start)) << i;
  }
  EXPECT_FALSE(limit.take(1, start));
  EXPECT_TRUE(limit.take(2, start));
  EXPECT_FALSE(limit.take(1, start + 499ms));
  EXPECT_TRUE(limit.take(1, start + 500ms));
  EXPECT_FALSE(limit.take(1, start + 600ms));
  int passed = 0;
  for (int i = 0; i < 1000; ++i) {
    passed += limit.take(1, start + 10s + i * 10ms) ? 1 : 0;
  }
  EXPECT_NEAR(passed, 5 + 20, 1);
}

TEST(rate_limiter, a_look_takes_nothing) {
  rate_limiter limit({.per_second = 1, .burst = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(limit.has_token(1, start));
  }
  EXPECT_TRUE(limit.take(1, start));
  EXPECT_FALSE(limit.has_token(1, start));
  EXPECT_TRUE(limit.has_token(1, start + 1s));
}

TEST(rate_limiter, refusals_cost_no_tokens) {
  rate_limiter limit({.per_second = 1, .burst = 1});
  EXPECT_TRUE(limit.take(1, start));
  for (int i = 1; i < 100; ++i) {
    EXPECT_FALSE(limit.take(1, start + i * 10ms));
  }
  EXPECT_TRUE(limit.take(1, start + 1s));
}

TEST(rate_limiter, is_off_at_zero) {
  rate_limiter limit({.per_second = 0, .burst = 1});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(limit.take(1, start));
  }
}

TEST(rate_limiter, a_clock_that_stands_still_gives_nothing) {
  rate_limiter limit({.per_second = 100, .burst = 2});
  EXPECT_TRUE(limit.take(1, start));
  EXPECT_TRUE(limit.take(1, start));
  EXPECT_FALSE(limit.take(1, start));
}

TEST(rate_limiter, remembers_so_many_keys_and_forgets_the_one_that_is_nearest_to_full) {
  rate_limiter limit({.per_second = 1, .burst = 2, .keys_max = 4});
  for (std::uint64_t key = 1; key <= 4; ++key) {
    EXPECT_TRUE(limit.take(key, start));
  }
  for (std::uint64_t key = 1; key <= 3; ++key) {
    EXPECT_TRUE(limit.take(key, start));
    EXPECT_FALSE(limit.take(key, start));
  }
  EXPECT_TRUE(limit.take(5, start));  // in the place of 4
  EXPECT_FALSE(limit.take(1, start));
  EXPECT_FALSE(limit.take(2, start));
  EXPECT_FALSE(limit.take(3, start));
}

TEST(rate_limiter, counts_what_all_threads_take) {
  rate_limiter limit({.per_second = 0.001, .burst = 10'000});
  std::atomic<int> passed = 0;
  std::vector<std::thread> lanes;
  for (int lane = 0; lane < 4; ++lane) {
    lanes.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        passed += limit.take(7, start) ? 1 : 0;
      }
    });
  }
  for (auto& lane : lanes) {
    lane.join();
  }
  EXPECT_EQ(passed, 10'000);
}

}  // namespace
}  // namespace meridian
