#include "metrics/registry.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::metrics {
namespace {

using testing::HasSubstr;

TEST(registry, tells_counters_gauges_and_histograms) {
  registry all;
  const auto sent = all.make_counter("sent_total", "What was sent.", {{"region", "asia"}});
  sent.add();
  sent.add(2);
  const auto open = all.make_gauge("open", "What is open.");
  open.set(5);
  open.add(-1);
  const auto sizes = all.make_histogram("size", "Of batches.", batch_size_buckets());
  sizes.observe(1);
  sizes.observe(3);
  sizes.observe(5000);
  const auto text = all.to_text();
  for (const auto* line :
       {"# HELP sent_total What was sent.\n", "# TYPE sent_total counter\n", "sent_total{region=\"asia\"} 3\n",
        "open 4\n", "size_bucket{le=\"1\"} 1\n", "size_bucket{le=\"2\"} 1\n", "size_bucket{le=\"4\"} 2\n",
        "size_bucket{le=\"4096\"} 2\n", "size_bucket{le=\"+Inf\"} 3\n", "size_count 3\n", "size_sum 5004\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(registry, gives_the_same_series_for_the_same_name_and_labels) {
  registry all;
  all.make_counter("hits_total", "", {{"a", "1"}}).add();
  all.make_counter("hits_total", "", {{"a", "1"}}).add();
  all.make_counter("hits_total", "", {{"a", "2"}}).add();
  EXPECT_THAT(all.to_text(), HasSubstr("hits_total{a=\"1\"} 2\n"));
  EXPECT_THAT(all.to_text(), HasSubstr("hits_total{a=\"2\"} 1\n"));
  EXPECT_ANY_THROW(all.make_counter("not a name", ""));
}

TEST(registry, escapes_what_labels_hold) {
  registry all;
  all.make_counter("odd_total", "", {{"a", "x\"y\\z\n"}}).add();
  EXPECT_THAT(all.to_text(), HasSubstr("odd_total{a=\"x\\\"y\\\\z\\n\"} 1\n"));
}

TEST(registry, adds_what_others_count) {
  const registry all;
  snapshot more;
  more.counter("trips_total", "Round trips.", {{"region", "asia"}}, 7);
  more.counter("trips_total", "Round trips.", {{"region", "europe"}}, 8);
  more.gauge("busy", "", {}, 2);
  const auto text = all.to_text(more);
  EXPECT_THAT(
      text, HasSubstr("# TYPE trips_total counter\n"
                      "trips_total{region=\"asia\"} 7\ntrips_total{region=\"europe\"} 8\n")
  );
  EXPECT_THAT(text, HasSubstr("# TYPE busy gauge\nbusy 2\n"));
}

TEST(registry, a_handle_of_no_registry_does_nothing) {
  counter().add();
  gauge().set(1);
  histogram().observe(1);
}

TEST(buckets, ascend_over_their_range) {
  EXPECT_EQ(latency_buckets().front(), 0.0001);
  EXPECT_EQ(latency_buckets().back(), 10);
  EXPECT_EQ(batch_size_buckets().size(), 13U);
  EXPECT_EQ(batch_size_buckets().back(), 4096);
  EXPECT_TRUE(std::ranges::is_sorted(latency_buckets()));
}

}  // namespace
}  // namespace meridian::metrics
