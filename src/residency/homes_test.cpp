#include "residency/homes.hpp"

#include <gtest/gtest.h>

namespace meridian::residency {
namespace {

TEST(home_cache, forgets_what_was_not_used_for_longest) {
  const topology::region asia{.name = "asia", .number = 3, .label = "Asia"};
  const topology::region europe{.name = "europe", .number = 2, .label = "Europe"};
  home_cache cache(2);
  cache.keep(1, &asia);
  cache.keep(2, &asia);
  EXPECT_EQ(cache.find(1), &asia);
  cache.keep(3, &europe);
  EXPECT_EQ(cache.find(2), nullptr);
  EXPECT_EQ(cache.find(1), &asia);
  EXPECT_EQ(cache.find(3), &europe);
  cache.keep(1, &europe);
  EXPECT_EQ(cache.find(1), &europe);
  EXPECT_EQ(cache.size(), 2U);
}

}  // namespace
}  // namespace meridian::residency
