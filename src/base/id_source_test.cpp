#include "base/id_source.hpp"

#include <gtest/gtest.h>

namespace meridian {
namespace {

using namespace std::chrono_literals;

const auto noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 12h;

TEST(id_source, ids_grow_within_a_millisecond_and_beyond_its_room) {
  id_source source(7);
  std::int64_t last = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto id = source.next(3, noon);
    ASSERT_GT(id, last);
    last = id;
  }
  EXPECT_EQ(parts_of(last).region_number, 3);
  EXPECT_EQ(parts_of(last).writer_number, 7);
  EXPECT_EQ(parts_of(last).made_at, noon + 2ms);
}

TEST(id_source, ids_grow_when_the_clock_is_set_back) {
  id_source source(1);
  const auto before = source.next(1, noon);
  EXPECT_GT(source.next(1, noon - 1h), before);
}

}  // namespace
}  // namespace meridian
