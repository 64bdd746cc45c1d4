// Whatever happens to servers, clients and the bus, every client ends with the channels as the database has them.
#include <gtest/gtest.h>

#include "realtime/simulation.hpp"

namespace meridian::realtime::sim {
namespace {

constexpr std::uint64_t seeds = 3000;

TEST(order_simtest, every_client_ends_with_what_the_database_has) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto trouble = simulation(seed, bug::none).run();
    ASSERT_EQ(trouble, "") << "seed " << seed;
  }
}

TEST(order_simtest, finds_what_is_broken_on_purpose) {
  for (const auto planted :
       {bug::pages_count_as_whole, bug::counters_are_not_compared, bug::hello_tells_the_database,
        bug::repeats_are_delivered, bug::events_go_out_as_they_come}) {
    bool is_found = false;
    for (std::uint64_t seed = 1; seed <= 300 && !is_found; ++seed) {
      is_found = !simulation(seed, planted).run().empty();
    }
    EXPECT_TRUE(is_found) << static_cast<int>(planted);
  }
}

}  // namespace
}  // namespace meridian::realtime::sim
