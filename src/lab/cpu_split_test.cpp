#include "lab/cpu_split.hpp"

#include <gtest/gtest.h>

namespace meridian::lab {
namespace {

using cpus = std::vector<int>;

TEST(cpu_split, gives_the_servers_the_upper_half) {
  const auto two = cpu_split::of({0, 1}, false);
  EXPECT_EQ(two.servers, cpus{1});
  EXPECT_EQ(two.rest, cpus{0});
  const auto five = cpu_split::of({0, 2, 3, 6, 7}, false);
  EXPECT_EQ(five.servers, (cpus{6, 7}));
  EXPECT_EQ(five.rest, (cpus{0, 2, 3}));
  EXPECT_FALSE(five.is_shared());
}

TEST(cpu_split, shares_what_cannot_be_split_or_is_to_be_shared) {
  const auto one = cpu_split::of({3}, false);
  EXPECT_EQ(one.servers, cpus{3});
  EXPECT_EQ(one.rest, cpus{3});
  EXPECT_TRUE(one.is_shared());
  const auto both = cpu_split::of({0, 1}, true);
  EXPECT_EQ(both.servers, (cpus{0, 1}));
  EXPECT_TRUE(both.is_shared());
}

}  // namespace
}  // namespace meridian::lab
