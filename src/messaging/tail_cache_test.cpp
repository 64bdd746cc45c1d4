#include "messaging/tail_cache.hpp"

#include <gtest/gtest.h>

namespace meridian::messaging {
namespace {

std::shared_ptr<const std::string> page(std::size_t size) {
  return std::make_shared<const std::string>(size, 'x');
}

TEST(tail_cache, a_page_belongs_to_one_change) {
  tail_cache cache(1000);
  cache.keep(1, 10, page(100));
  EXPECT_NE(cache.find(1, 10), nullptr);
  EXPECT_EQ(cache.find(1, 11), nullptr);
  EXPECT_EQ(cache.find(2, 10), nullptr);
  cache.keep(1, 12, page(50));
  EXPECT_EQ(cache.find(1, 10), nullptr);
  EXPECT_NE(cache.find(1, 12), nullptr);
  EXPECT_EQ(cache.bytes(), 50U);
}

TEST(tail_cache, an_older_page_does_not_replace_a_newer_one) {
  tail_cache cache(1000);
  cache.keep(1, 12, page(50));
  cache.keep(1, 11, page(60));
  EXPECT_NE(cache.find(1, 12), nullptr);
  EXPECT_EQ(cache.bytes(), 50U);
}

TEST(tail_cache, what_was_not_used_for_longest_makes_room) {
  tail_cache cache(250);
  cache.keep(1, 1, page(100));
  cache.keep(2, 1, page(100));
  EXPECT_NE(cache.find(1, 1), nullptr);
  cache.keep(3, 1, page(100));
  EXPECT_EQ(cache.find(2, 1), nullptr);
  EXPECT_NE(cache.find(1, 1), nullptr);
  EXPECT_NE(cache.find(3, 1), nullptr);
  EXPECT_LE(cache.bytes(), 250U);
}

TEST(tail_cache, one_of_no_size_keeps_nothing) {
  tail_cache cache(0);
  cache.keep(1, 1, page(1));
  EXPECT_EQ(cache.find(1, 1), nullptr);
  EXPECT_FALSE(cache.is_on());
}

}  // namespace
}  // namespace meridian::messaging
