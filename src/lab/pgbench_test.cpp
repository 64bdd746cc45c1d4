#include "lab/pgbench.hpp"

#include <gtest/gtest.h>

namespace meridian::lab {
namespace {

using namespace std::chrono_literals;

TEST(pgbench_script, binds_values_and_region_and_leaves_comments_out) {
  const pg::query what{
      "example",
      "-- The statement: $1 is the channel.\n"
      "SELECT m.id -- $2: the reader\n  FROM message_${region} m\n WHERE channel_id = $1::bigint AND $10 = $1\n\n"
  };
  std::vector<std::string> values(10, "0");
  values[0] = ":channel";
  values[9] = "'ten'";
  EXPECT_EQ(
      pgbench_script(what, "asia", "\\set channel 1 + 1\n", values),
      "\\set channel 1 + 1\n"
      "SELECT m.id \n  FROM message_asia m\n WHERE channel_id = :channel::bigint AND 'ten' = :channel;\n"
  );
}

TEST(pgbench_script, leaves_a_dollar_alone_that_is_no_parameter) {
  EXPECT_EQ(pgbench_script({"example", "SELECT '$', $3;"}, "asia", "", {"a"}), "SELECT '$', $3;\n");
}

TEST(read_tps, finds_the_rate) {
  const auto tps = read_tps("initial connection time = 90 ms\ntps = 1518.25 (without initial connection time)\n");
  ASSERT_TRUE(tps);
  EXPECT_EQ(*tps, 1518.25);
  EXPECT_FALSE(read_tps("could not connect"));
}

TEST(read_log, adds_each_transaction) {
  latency_histogram latencies;
  ASSERT_TRUE(read_log("0 1 4300 0 1700000000 123\n1 1 29000 0 1700000000 456 77\n", latencies));
  EXPECT_EQ(latencies.count(), 2U);
  EXPECT_EQ(latencies.max(), 29ms);
  EXPECT_FALSE(read_log("0 1 failed 0 1700000000 123\n", latencies));
}

}  // namespace
}  // namespace meridian::lab
