// The merge is commutative, associative and idempotent over any versions, so whatever was merged in whatever order is
// the same.
#include "status/merge.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace meridian::status {
namespace {

using namespace std::chrono_literals;
using held = version<std::string>;
using clock_time = std::chrono::sys_time<std::chrono::milliseconds>;

// Few clocks and nodes, so that ties come often. Versions with one stamp are one version: they say the same.
held any_version(std::minstd_rand& random) {
  held made;
  made.written.hlc = std::uniform_int_distribution(0, 20)(random);
  made.written.node = std::uniform_int_distribution(1, 2)(random);
  made.replaced_hlc = made.written.hlc / 2;
  made.content = "by " + std::to_string(made.written.node) + " at " + std::to_string(made.written.hlc);
  return made;
}

TEST(merge, is_commutative_associative_and_idempotent) {
  for (unsigned seed = 1; seed <= 20'000; ++seed) {
    std::minstd_rand random(seed);
    const auto a = any_version(random);
    const auto b = any_version(random);
    const auto c = any_version(random);
    ASSERT_EQ(merge(a, b), merge(b, a)) << seed;
    ASSERT_EQ(merge(merge(a, b), c), merge(a, merge(b, c))) << seed;
    ASSERT_EQ(merge(a, a), a) << seed;
    ASSERT_EQ(merge(merge(a, b), b), merge(a, b)) << seed;
    ASSERT_EQ(is_conflict(a, b), is_conflict(b, a)) << seed;
  }
}

TEST(next_stamp, is_later_than_the_clock_and_than_what_it_replaces) {
  const clock_time now{1'000'000ms};
  const auto first = next_stamp(std::nullopt, 1, now);
  EXPECT_EQ(first.hlc, 1'000'000LL << 12);
  const auto next = next_stamp(first, 2, now);
  EXPECT_GT(next, first);
  const auto slow = next_stamp(next, 1, now - 5min);
  EXPECT_GT(slow, next) << "a slow clock writes after what it saw all the same";
  EXPECT_GT(next_stamp(slow, 2, now + 1ms), slow);
  EXPECT_EQ(next_stamp(slow, 2, now + 1ms).hlc, 1'000'001LL << 12);
}

TEST(is_conflict, tells_a_succession_from_two_that_did_not_know_of_each_other) {
  const clock_time now{1'000'000ms};
  const auto first = write_over<std::string>(std::nullopt, 1, now, "first");
  const auto second = write_over<std::string>(first, 2, now, "second");
  const auto third = write_over<std::string>(first, 1, now + 1ms, "third");
  EXPECT_FALSE(is_conflict(first, second));
  EXPECT_FALSE(is_conflict(first, third)) << "both were written on one cluster";
  EXPECT_TRUE(is_conflict(second, third));
  EXPECT_EQ(merge(second, third).content, "third");
  const auto same = write_over<std::string>(first, 1, now + 1ms, "second");
  EXPECT_FALSE(is_conflict(second, same)) << "nobody sees a difference";
}

}  // namespace
}  // namespace meridian::status
