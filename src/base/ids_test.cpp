#include "base/ids.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace meridian {
namespace {

using namespace std::chrono;

TEST(ids, give_back_what_they_are_made_of) {
  const sys_time<milliseconds> made_at = sys_days(2026y / November / 22) + 1234567ms;
  const auto id = id_of({made_at, 31, 17, 4095});
  const auto parts = parts_of(id);
  EXPECT_EQ(parts.made_at, made_at);
  EXPECT_EQ(parts.region_number, 31);
  EXPECT_EQ(parts.writer_number, 17);
  EXPECT_EQ(parts.counter, 4095);
}

TEST(ids, are_ordered_by_time_before_anything_else) {
  const sys_time<milliseconds> made_at = sys_days(2026y / November / 22);
  EXPECT_LT(id_of({made_at, 31, 31, 4095}), id_of({made_at + 1ms, 0, 0, 0}));
}

TEST(ids, stay_positive_until_2093) {
  const sys_time<milliseconds> last = sys_days(2093y / August / 1);
  EXPECT_GT(id_of({last, 31, 31, 4095}), 0);
}

TEST(ids, chosen_by_hand_name_no_region) {
  EXPECT_EQ(parts_of(10).region_number, 0);
}

}  // namespace
}  // namespace meridian
