#include "pg/breaker.hpp"

#include <gtest/gtest.h>

namespace meridian::pg {
namespace {

using namespace std::chrono_literals;

constexpr breaker::clock::time_point start(1h);

// Opens after three failures in a row, for 100 ms at first and 350 ms at most.
breaker opened_at(breaker::clock::time_point when) {
  breaker guard(3, 100ms, 350ms);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(guard.is_open());
    EXPECT_TRUE(guard.admit(when));
    guard.failed(when);
  }
  return guard;
}

TEST(breaker, opens_after_so_many_failures_in_a_row) {
  breaker guard(3, 100ms, 350ms);
  guard.failed(start);
  guard.failed(start);
  guard.succeeded();
  guard.failed(start);
  guard.failed(start);
  EXPECT_FALSE(guard.is_open());
  EXPECT_TRUE(guard.admit(start));
  guard.failed(start);
  EXPECT_TRUE(guard.is_open());
  EXPECT_FALSE(guard.admit(start));
}

TEST(breaker, admits_one_prober_when_the_pause_is_over) {
  auto guard = opened_at(start);
  EXPECT_EQ(guard.next_try(), start + 100ms);
  EXPECT_FALSE(guard.admit(start + 99ms));
  EXPECT_TRUE(guard.admit(start + 100ms));
  EXPECT_FALSE(guard.admit(start + 101ms));
  EXPECT_TRUE(guard.is_open()) << "for everybody but the prober";
  guard.succeeded();
  EXPECT_FALSE(guard.is_open());
  EXPECT_TRUE(guard.admit(start + 102ms));
}

TEST(breaker, pauses_twice_as_long_after_each_failed_probe_up_to_a_limit) {
  auto guard = opened_at(start);
  auto now = start + 100ms;
  for (const auto pause : {200ms, 350ms, 350ms}) {
    EXPECT_TRUE(guard.admit(now));
    guard.failed(now);
    EXPECT_EQ(guard.next_try(), now + pause);
    now += pause;
  }
  EXPECT_TRUE(guard.admit(now));
  guard.succeeded();
  for (int i = 0; i < 3; ++i) {
    guard.failed(now);
  }
  EXPECT_EQ(guard.next_try(), now + 100ms) << "a success forgets the long pauses";
}

TEST(breaker, is_not_held_open_by_what_began_before_it_opened) {
  auto guard = opened_at(start);
  guard.failed(start + 90ms);
  EXPECT_TRUE(guard.admit(start + 100ms));
}

TEST(breaker, replaces_a_prober_that_never_tells) {
  auto guard = opened_at(start);
  EXPECT_TRUE(guard.admit(start + 100ms));
  EXPECT_FALSE(guard.admit(start + 449ms));
  EXPECT_TRUE(guard.admit(start + 450ms));
}

}  // namespace
}  // namespace meridian::pg
