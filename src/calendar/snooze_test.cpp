#include "calendar/snooze.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::calendar {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::year;

// Friday evening in Berlin, the day before its clocks go back.
constexpr timestamp friday = sys_days(year(2026) / 10 / 23) + 16h;

TEST(snooze, choices_are_waits_or_mornings) {
  const auto berlin = zone::find("Europe/Berlin").value();
  EXPECT_EQ(snooze_until("20m", "en", berlin, friday)->at, friday + 20min);
  EXPECT_EQ(snooze_until("1h", "en", berlin, friday)->at, friday + 1h);
  EXPECT_EQ(snooze_until("3h", "en", berlin, friday)->at, friday + 3h);
  EXPECT_EQ(snooze_until("tomorrow", "en", berlin, friday)->at, sys_days(year(2026) / 10 / 24) + 7h);
  EXPECT_EQ(snooze_until("next_week", "en", berlin, friday)->at, sys_days(year(2026) / 10 / 26) + 8h);
  EXPECT_EQ(snooze_until("next_week", "en", berlin, friday)->understood, "Monday 26 October 2026, 09:00 Europe/Berlin");
}

TEST(snooze, tomorrow_is_the_zones) {
  const auto kolkata = zone::find("Asia/Kolkata").value();
  // 16:00 UTC is 21:30 there; 19:00 UTC is the next day.
  EXPECT_EQ(snooze_until("tomorrow", "en", kolkata, friday)->at, sys_days(year(2026) / 10 / 24) + 3h + 30min);
  EXPECT_EQ(snooze_until("tomorrow", "en", kolkata, friday + 3h)->at, sys_days(year(2026) / 10 / 25) + 3h + 30min);
}

TEST(snooze, anything_else_is_a_phrase_but_no_series) {
  const auto berlin = zone::find("Europe/Berlin").value();
  EXPECT_EQ(snooze_until("sunday at noon", "en", berlin, friday)->at, sys_days(year(2026) / 10 / 25) + 11h);
  EXPECT_FALSE(snooze_until("every day", "en", berlin, friday));
  const auto wrong = snooze_until("later", "en", berlin, friday);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().field, "when");
  EXPECT_THAT(wrong.error().remedy, testing::HasSubstr("20m, 1h, 3h, tomorrow, next_week"));
}

}  // namespace
}  // namespace meridian::calendar
