#include "reminders/reminder_times.hpp"

#include <gtest/gtest.h>

namespace meridian::reminders {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

timestamp at(year_month_day day, seconds time = 0s) {
  return sys_days(day) + time;
}

const auto monday = at(2026y / November / 23, 8h);

time_wish saying(const std::string& when) {
  time_wish made;
  made.when = when;
  return made;
}

TEST(reminder_times, a_phrase_is_meant_on_the_persons_clocks) {
  const auto planned = plan_time(saying("tomorrow at 9am"), "Asia/Kolkata", monday);
  ASSERT_TRUE(planned) << to_string(planned.error());
  EXPECT_EQ(planned->at, at(2026y / November / 24, 3h + 30min));
  ASSERT_TRUE(planned->understood);
  EXPECT_NE(planned->understood->text.find("09:00 Asia/Kolkata"), std::string::npos) << planned->understood->text;
  EXPECT_FALSE(planned->recurrence);
}

TEST(reminder_times, a_series_keeps_the_clocks_time_over_their_change) {
  reminder series;
  const auto planned = plan_time(saying("every day at 10am"), "Europe/Berlin", at(2026y / October / 23, 12h));
  ASSERT_TRUE(planned && planned->recurrence);
  series.notify_at = planned->at;
  series.time_zone = "Europe/Berlin";
  series.recurrence = planned->recurrence;
  series.recurs_from = planned->recurs_from;
  EXPECT_EQ(series.notify_at, at(2026y / October / 24, 8h));
  const auto next = next_time(series, series.notify_at);
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, at(2026y / October / 25, 9h)) << "clocks went back";
  EXPECT_EQ(next_time(series, at(2026y / November / 5, 9h)).value(), at(2026y / November / 6, 9h)) << "what was missed";
}

TEST(reminder_times, the_first_time_of_a_series_is_one_that_its_rule_has) {
  time_wish wish;
  wish.at = at(2026y / November / 24, 9h);  // a Tuesday
  wish.recurrence = "FREQ=WEEKLY;BYDAY=FR";
  const auto planned = plan_time(wish, "UTC", monday);
  ASSERT_TRUE(planned);
  EXPECT_EQ(planned->at, at(2026y / November / 27, 9h));
  wish.recurrence = "FREQ=WEEKLY;BYDAY=TU";
  EXPECT_EQ(plan_time(wish, "UTC", monday)->at, *wish.at);
}

TEST(reminder_times, a_series_ends) {
  reminder series;
  series.notify_at = monday;
  series.recurrence = "FREQ=DAILY;COUNT=2";
  series.time_zone = "UTC";
  series.recurs_from = monday;
  EXPECT_EQ(next_time(series, monday).value(), monday + 24h);
  EXPECT_FALSE(next_time(series, monday + 24h).value());
  series.recurrence = "nonsense";
  EXPECT_FALSE(next_time(series, monday)) << "is not over, but unknown";
}

TEST(reminder_times, says_what_is_wrong) {
  EXPECT_EQ(plan_time({}, "UTC", monday).error().field, "when");
  EXPECT_EQ(plan_time(saying("when pigs fly"), "UTC", monday).error().field, "when");
  EXPECT_EQ(plan_time(saying("tomorrow"), "Atlantis/Capital", monday).error().field, "time_zone");
  auto both = saying("every day at 9am");
  both.recurrence = "FREQ=DAILY";
  EXPECT_EQ(plan_time(both, "UTC", monday).error().field, "recurrence");
  time_wish rule;
  rule.at = monday + 1h;
  rule.recurrence = "FREQ=SECONDLY";
  EXPECT_EQ(plan_time(rule, "UTC", monday).error().field, "recurrence");
}

TEST(reminder_times, snoozes_by_choice_or_phrase) {
  EXPECT_EQ(plan_snooze("20m", "UTC", monday)->at, monday + 20min);
  EXPECT_EQ(plan_snooze("1440m", "UTC", monday)->at, monday + 24h);
  EXPECT_EQ(plan_snooze("2d", "UTC", monday)->at, monday + 48h);
  EXPECT_FALSE(plan_snooze("0m", "UTC", monday));
  EXPECT_EQ(plan_snooze("tomorrow", "UTC", monday)->at, at(2026y / November / 24, 9h));
  EXPECT_EQ(plan_snooze("next_week", "UTC", monday)->at, at(2026y / November / 30, 9h));
  EXPECT_EQ(plan_snooze("friday at 2pm", "UTC", monday)->at, at(2026y / November / 27, 14h));
  EXPECT_FALSE(plan_snooze("every day at 2pm", "UTC", monday));
}

}  // namespace
}  // namespace meridian::reminders
