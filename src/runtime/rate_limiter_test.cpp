#include "runtime/rate_limiter.hpp"

#include <string>

#include <gtest/gtest.h>

namespace meridian {
namespace {

using namespace std::chrono_literals;
using limiter = rate_limiter<std::string>;

const limiter::clock::time_point start{1000h};

TEST(rate_limiter, lets_a_burst_through_and_then_the_rate) {
  limiter limit(rate_limit{.per_second = 2, .burst = 5});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(limit.take("ann", start)) << i;
  }
  EXPECT_FALSE(limit.take("ann", start));
  EXPECT_TRUE(limit.take("ben", start));
  EXPECT_FALSE(limit.take("ann", start + 499ms));
  EXPECT_TRUE(limit.take("ann", start + 500ms));
  EXPECT_FALSE(limit.take("ann", start + 600ms));
  int passed = 0;
  for (int i = 0; i < 1000; ++i) {
    passed += limit.take("ann", start + 10s + i * 10ms) ? 1 : 0;
  }
  EXPECT_NEAR(passed, 5 + 20, 1);
}

TEST(rate_limiter, refusals_cost_no_tokens) {
  limiter limit(rate_limit{.per_second = 1, .burst = 1});
  EXPECT_TRUE(limit.take("ann", start));
  for (int i = 1; i < 100; ++i) {
    EXPECT_FALSE(limit.take("ann", start + i * 10ms));
  }
  EXPECT_TRUE(limit.take("ann", start + 1s));
}

TEST(rate_limiter, is_off_at_zero_and_then_keeps_nothing) {
  limiter limit(rate_limit{.per_second = 0, .burst = 1});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(limit.take("ann", start));
  }
  EXPECT_EQ(limit.size(), 0U);
}

TEST(rate_limiter, remembers_so_many_keys_and_forgets_the_oldest) {
  limiter limit(rate_limit{.per_second = 0.001, .burst = 1, .keys_max = 3});
  for (const auto* key : {"ann", "ben", "cem"}) {
    EXPECT_TRUE(limit.take(key, start));
  }
  EXPECT_FALSE(limit.take("ann", start));  // now ben has not asked for longest
  EXPECT_TRUE(limit.take("dee", start));
  EXPECT_EQ(limit.size(), 3U);
  EXPECT_FALSE(limit.take("ann", start));
  EXPECT_TRUE(limit.take("ben", start));
  EXPECT_EQ(limit.size(), 3U);
}

TEST(rate_limiter, a_clock_that_stands_still_gives_nothing) {
  limiter limit(rate_limit{.per_second = 100, .burst = 2});
  EXPECT_TRUE(limit.take("ann", start));
  EXPECT_TRUE(limit.take("ann", start));
  EXPECT_FALSE(limit.take("ann", start));
}

}  // namespace
}  // namespace meridian
