#include "lab/latency_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace meridian::lab {
namespace {

using namespace std::chrono_literals;

TEST(latency_histogram, says_zero_before_anything_happened) {
  const latency_histogram empty;
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_EQ(empty.percentile(99).count(), 0);
  EXPECT_EQ(empty.mean().count(), 0);
  EXPECT_EQ(empty.max().count(), 0);
}

TEST(latency_histogram, tells_small_values_exactly) {
  latency_histogram some;
  for (int value = 1; value <= 100; ++value) {
    some.record(std::chrono::nanoseconds(value));
  }
  EXPECT_EQ(some.percentile(1), 1ns);
  EXPECT_EQ(some.percentile(50), 50ns);
  EXPECT_EQ(some.percentile(99), 99ns);
  EXPECT_EQ(some.percentile(99.5), 100ns);
  EXPECT_EQ(some.percentile(100), 100ns);
}

// Against the truth: all values sorted.
TEST(latency_histogram, is_at_most_one_percent_above_the_truth) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> durations(13, 3);  // around 0.4 ms, from nanoseconds to minutes
  latency_histogram counted;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 200'000; ++i) {
    all.push_back(static_cast<std::int64_t>(durations(random)));
    counted.record(std::chrono::nanoseconds(all.back()));
  }
  std::ranges::sort(all);
  for (const double percent : {0.1, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const auto place = static_cast<std::size_t>(std::ceil(static_cast<double>(all.size()) * percent / 100)) - 1;
    const auto truth = static_cast<double>(all[place]);
    const auto told = static_cast<double>(counted.percentile(percent).count());
    EXPECT_GE(told, truth) << percent;
    EXPECT_LE(told, truth * 1.01) << percent;
  }
  EXPECT_EQ(counted.max().count(), all.back());
}

TEST(latency_histogram, takes_what_is_beyond_its_range) {
  latency_histogram some;
  some.record(-5ms);
  some.record(48h);
  EXPECT_EQ(some.percentile(50), 0ns);
  EXPECT_EQ(some.percentile(100), 48h);
  EXPECT_EQ(some.max(), 48h);
}

TEST(latency_histogram, of_two_is_as_if_one_had_seen_all) {
  latency_histogram left;
  latency_histogram right;
  latency_histogram both;
  std::mt19937_64 random(2);
  for (int i = 0; i < 10'000; ++i) {
    const auto took = std::chrono::nanoseconds(random() % 1'000'000'000);
    (i % 3 == 0 ? left : right).record(took);
    both.record(took);
  }
  left.merge(right);
  EXPECT_EQ(left.count(), both.count());
  EXPECT_EQ(left.max(), both.max());
  EXPECT_EQ(left.mean(), both.mean());
  for (const double percent : {1.0, 50.0, 99.0, 99.9}) {
    EXPECT_EQ(left.percentile(percent), both.percentile(percent));
  }
}

}  // namespace
}  // namespace meridian::lab
