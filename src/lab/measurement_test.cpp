#include "lab/measurement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::lab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

measurement round_of(double per_second, std::chrono::milliseconds took) {
  measurement one;
  one.per_second = per_second;
  one.latencies.record(took);
  one.count = per_second * 10;
  one.server_cpu_seconds = per_second * 10 * 14e-6;
  return one;
}

comparison some_comparison() {
  comparison some;
  some.name = "POST, one channel, 64 clients";
  some.ours = "POST";
  some.peers = "pgbench";
  some.our_rounds = {round_of(29'000, 4ms), round_of(31'000, 3ms), round_of(10'000, 50ms)};
  some.peer_rounds = {round_of(1'450, 160ms), round_of(1'000, 200ms), round_of(1'500, 100ms)};
  return some;
}

TEST(measurement, takes_each_figures_median) {
  EXPECT_EQ(median_of({}), 0);
  EXPECT_EQ(median_of({3, 1, 2}), 2);
  EXPECT_EQ(median_of({4, 1, 2, 3}), 2.5);
  const auto found = summary_of(some_comparison().our_rounds);
  EXPECT_EQ(found.per_second, 29'000);
  EXPECT_NEAR(found.p99_ms, 4, 0.04);
  EXPECT_NEAR(found.server_us, 14, 0.001);
}

TEST(measurement, compares_with_the_peer_and_the_goals) {
  auto some = some_comparison();
  some.rate_goal = goal{15, 30};
  some.p99_goal = goal{5, 100};
  EXPECT_NEAR(rate_ratio_of(some), 20, 0.001);
  EXPECT_NEAR(p99_ratio_of(some), 40, 0.5);
  const auto text = text_of(some);
  EXPECT_THAT(text, HasSubstr("POST, one channel, 64 clients"));
  EXPECT_THAT(text, HasSubstr("29,000"));
  EXPECT_THAT(text, HasSubstr("20.00x (bar 15x: met; moonshot 30x: 67 % of it)"));
  EXPECT_THAT(text, HasSubstr("(bar 5x: met; moonshot 100x: 40 % of it)"));
  const auto json = json_of(some);
  EXPECT_NEAR(json.at("rate_ratio").as_double(), 20, 0.001);
  EXPECT_EQ(json.at("peer_rates").as_array().size(), 3U);
  EXPECT_EQ(json.at("rate_goal").at("moonshot").as_double(), 30);
}

TEST(measurement, needs_no_peer) {
  auto some = some_comparison();
  some.peer_rounds.clear();
  EXPECT_EQ(rate_ratio_of(some), 0);
  EXPECT_EQ(text_of(some).find("pgbench"), std::string::npos);
  EXPECT_FALSE(json_of(some).contains("peers"));
}

TEST(measurement, groups_digits) {
  EXPECT_EQ(grouped(7), "7");
  EXPECT_EQ(grouped(999.6), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

}  // namespace
}  // namespace meridian::lab
