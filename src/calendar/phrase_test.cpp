// 200 phrases, said in Berlin on Wednesday 25 November 2026 at 10:00, and what they mean there.
#include "calendar/phrase.hpp"

#include <string>

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::calendar {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using testing::HasSubstr;

constexpr timestamp now = sys_days(std::chrono::year(2026) / 11 / 25) + 9h;

zone berlin() {
  return zone::find("Europe/Berlin").value();
}

std::string written(local_time time) {
  const auto text = fmt::format("{:%F %T}", std::chrono::sys_seconds(time.time_since_epoch()));
  return text.ends_with(":00") ? text.substr(0, text.size() - 3) : text;
}

struct expected {
  std::string phrase;
  std::string local;                    // the clock in Berlin
  std::string rule = {};                // NOLINT(readability-redundant-member-init)
  std::vector<std::string> other = {};  // NOLINT(readability-redundant-member-init): what else it may mean
};

const std::vector<expected> waits{
    {"in 15 minutes", "2026-11-25 10:15"},
    {"in 15 min", "2026-11-25 10:15"},
    {"15 minutes", "2026-11-25 10:15"},
    {"15m", "2026-11-25 10:15"},
    {"in a minute", "2026-11-25 10:01"},
    {"in 90 seconds", "2026-11-25 10:01:30"},
    {"in an hour", "2026-11-25 11:00"},
    {"in one hour", "2026-11-25 11:00"},
    {"for 1 hour", "2026-11-25 11:00"},
    {"1 hour from now", "2026-11-25 11:00"},
    {"in an hour and a half", "2026-11-25 11:30"},
    {"in one and a half hours", "2026-11-25 11:30"},
    {"in 1.5 hours", "2026-11-25 11:30"},
    {"in half an hour", "2026-11-25 10:30"},
    {"half an hour", "2026-11-25 10:30"},
    {"in a quarter of an hour", "2026-11-25 10:15"},
    {"in three quarters of an hour", "2026-11-25 10:45"},
    {"in 1h30m", "2026-11-25 11:30"},
    {"in 1h30", "2026-11-25 11:30"},
    {"1h 30m", "2026-11-25 11:30"},
    {"in 2 hours and 20 minutes", "2026-11-25 12:20"},
    {"in 2 hours, 20 minutes", "2026-11-25 12:20"},
    {"in two hours", "2026-11-25 12:00"},
    {"in a couple of hours", "2026-11-25 12:00"},
    {"in twenty five minutes", "2026-11-25 10:25"},
    {"in forty-five minutes", "2026-11-25 10:45"},
    {"IN 3 HOURS", "2026-11-25 13:00"},
    {"in 3 days", "2026-11-28 10:00"},
    {"in 3 days at 9", "2026-11-28 09:00", "", {"2026-11-28 21:00"}},
    {"in a week", "2026-12-02 10:00"},
    {"in 2 weeks", "2026-12-09 10:00"},
    {"in a fortnight", "2026-12-09 10:00"},
    {"in 2 weeks at noon", "2026-12-09 12:00"},
    {"in 2 weeks on friday", "2026-12-11 09:00"},
    {"in a month", "2026-12-25 10:00"},
    {"in 3 months", "2027-02-25 10:00"},
    {"in 7 months", "2027-06-25 10:00"},  // by the clock, though it is summer by then
    {"in a year", "2027-11-25 10:00"},
    {"in a year and a half", "2028-05-25 10:00"},
    {"a week from friday", "2026-12-04 09:00"},
    {"a week from tomorrow at 15:00", "2026-12-03 15:00"},
    {"2 days after tomorrow", "2026-11-28 09:00"},
    {"in one day", "2026-11-26 10:00"},
    {"in 36 hours", "2026-11-26 22:00"},
};

const std::vector<expected> clocks{
    {"at 14:30", "2026-11-25 14:30"},
    {"14:30", "2026-11-25 14:30"},
    {"until 17:00", "2026-11-25 17:00"},
    {"by 17:00", "2026-11-25 17:00"},
    {"at 09:30", "2026-11-26 09:30"},
    {"at 5", "2026-11-25 17:00", "", {"2026-11-26 05:00"}},
    {"at 5pm", "2026-11-25 17:00"},
    {"at 5 pm", "2026-11-25 17:00"},
    {"5pm", "2026-11-25 17:00"},
    {"5 p.m.", "2026-11-25 17:00"},
    {"@ 5pm", "2026-11-25 17:00"},
    {"at 5am", "2026-11-26 05:00"},
    {"at 9", "2026-11-26 09:00", "", {"2026-11-25 21:00"}},
    {"at 9:30", "2026-11-26 09:30"},
    {"at 9.30am", "2026-11-26 09:30"},
    {"at 5:30", "2026-11-25 17:30", "", {"2026-11-26 05:30"}},
    {"at 05:30", "2026-11-26 05:30"},
    {"at 0930", "2026-11-26 09:30"},
    {"at 1800", "2026-11-25 18:00"},
    {"at 12", "2026-11-25 12:00"},
    {"at 12am", "2026-11-26 00:00"},
    {"at 12:15 pm", "2026-11-25 12:15"},
    {"at noon", "2026-11-25 12:00"},
    {"noon", "2026-11-25 12:00"},
    {"midnight", "2026-11-26 00:00"},
    {"at midnight", "2026-11-26 00:00"},
    {"at 14h30", "2026-11-25 14:30"},
    {"at 20:15:30", "2026-11-25 20:15:30"},
    {"half past 5", "2026-11-25 17:30", "", {"2026-11-26 05:30"}},
    {"at half past nine", "2026-11-26 09:30", "", {"2026-11-25 21:30"}},
    {"quarter to 12", "2026-11-25 11:45", "", {"2026-11-25 23:45"}},
    {"at a quarter past 2pm", "2026-11-25 14:15"},
    {"ten past 3", "2026-11-25 15:10", "", {"2026-11-26 03:10"}},
    {"at five o'clock", "2026-11-25 17:00", "", {"2026-11-26 05:00"}},
    {"5 o’clock", "2026-11-25 17:00", "", {"2026-11-26 05:00"}},
    {"end of day", "2026-11-25 17:00"},
    {"by the end of the day", "2026-11-25 17:00"},
    {"eod", "2026-11-25 17:00"},
    {"tonight", "2026-11-25 20:00"},
    {"tonight at 8", "2026-11-25 20:00"},
    {"8 tonight", "2026-11-25 20:00"},
    {"tonight at 12", "2026-11-26 00:00"},
    {"this afternoon", "2026-11-25 15:00"},
    {"this evening", "2026-11-25 18:00"},
    {"in the morning", "2026-11-26 09:00"},
    {"at 9 in the morning", "2026-11-26 09:00"},
    {"8:30 in the evening", "2026-11-25 20:30"},
    {"at 2 at night", "2026-11-26 02:00"},
};

const std::vector<expected> days{
    {"today", "2026-11-25 17:00"},
    {"today at 16:00", "2026-11-25 16:00"},
    {"today at 9", "2026-11-25 21:00"},
    {"tomorrow", "2026-11-26 09:00"},
    {"tomorrow at 9am", "2026-11-26 09:00"},
    {"9am tomorrow", "2026-11-26 09:00"},
    {"tomorrow 9am", "2026-11-26 09:00"},
    {"tomorrow 1430", "2026-11-26 14:30"},
    {"tomorrow morning", "2026-11-26 09:00"},
    {"tomorrow morning at 8", "2026-11-26 08:00"},
    {"tomorrow afternoon", "2026-11-26 15:00"},
    {"tomorrow night", "2026-11-26 20:00"},
    {"tomorrow at noon", "2026-11-26 12:00"},
    {"tomorrow at midnight", "2026-11-27 00:00", "", {"2026-11-26 00:00"}},
    {"remind me tomorrow at 9am", "2026-11-26 09:00"},
    {"the day after tomorrow", "2026-11-27 09:00"},
    {"friday", "2026-11-27 09:00"},
    {"on Friday", "2026-11-27 09:00"},
    {"this friday at 3pm", "2026-11-27 15:00"},
    {"fri 15:00", "2026-11-27 15:00"},
    {"monday at noon", "2026-11-30 12:00"},
    {"Monday 9", "2026-11-30 09:00", "", {"2026-11-30 21:00"}},
    {"wednesday", "2026-12-02 09:00"},
    {"wednesday at 14:00", "2026-11-25 14:00", "", {"2026-12-02 14:00"}},
    {"next Tuesday 14:30", "2026-12-01 14:30"},
    {"next tuesday at 2:30pm", "2026-12-01 14:30"},
    {"next friday", "2026-12-04 09:00", "", {"2026-11-27 09:00"}},
    {"next wednesday", "2026-12-02 09:00"},
    {"friday next week", "2026-12-04 09:00"},
    {"monday after next", "2026-12-07 09:00"},
    {"next week", "2026-11-30 09:00"},
    {"next week on thursday", "2026-12-03 09:00"},
    {"next week at 14:00", "2026-11-30 14:00"},
    {"next month", "2026-12-01 09:00"},
    {"next month on the 15th", "2026-12-15 09:00"},
    {"next year", "2027-01-01 09:00"},
    {"this weekend", "2026-11-28 09:00"},
    {"next weekend", "2026-12-05 09:00", "", {"2026-11-28 09:00"}},
    {"end of the week", "2026-11-27 17:00"},
    {"end of next week", "2026-12-04 17:00"},
    {"end of month", "2026-11-30 17:00"},
    {"by the end of the year", "2026-12-31 17:00"},
    {"Dec 24 at 18:00", "2026-12-24 18:00"},
    {"24 December", "2026-12-24 09:00"},
    {"December 24th, 18:00", "2026-12-24 18:00"},
    {"the 24th of December", "2026-12-24 09:00"},
    {"24th of december 2027 at 18:00", "2027-12-24 18:00"},
    {"Dec. 24, 2026", "2026-12-24 09:00"},
    {"3 march", "2027-03-03 09:00"},
    {"25 november", "2027-11-25 09:00"},
    {"25 november at 11:00", "2026-11-25 11:00"},
    {"29 february", "2028-02-29 09:00"},
    {"2027-01-15 10:00", "2027-01-15 10:00"},
    {"2027-01-15T10:00", "2027-01-15 10:00"},
    {"2027-01-15 5:30", "2027-01-15 05:30"},
    {"2027-01-15", "2027-01-15 09:00"},
    {"24.12.2026 18:00", "2026-12-24 18:00"},
    {"24.12. 18:00", "2026-12-24 18:00"},
    {"24/12/2026", "2026-12-24 09:00"},
    {"12/24/2026", "2026-12-24 09:00"},
    {"3/4/2027", "2027-04-03 09:00", "", {"2027-03-04 09:00"}},
    {"on the 15th", "2026-12-15 09:00"},
    {"the 30th at 10:00", "2026-11-30 10:00"},
    {"the 31st", "2026-12-31 09:00"},
    {"the 15th of next month", "2026-12-15 09:00"},
    {"the last friday of next month", "2026-12-25 09:00"},
    {"the first monday of december at 10:00", "2026-12-07 10:00"},
    {"2nd tuesday of march", "2027-03-09 09:00"},
    {"the last day of next month", "2026-12-31 09:00"},
    {"2028-02-29 08:00", "2028-02-29 08:00"},
    {"july 1 at 10:00", "2027-07-01 10:00"},
};

const std::vector<expected> series{
    {"every day at 9", "2026-11-26 09:00", "FREQ=DAILY", {"2026-11-25 21:00"}},
    {"every day at 9am", "2026-11-26 09:00", "FREQ=DAILY"},
    {"every day at 17:00", "2026-11-25 17:00", "FREQ=DAILY"},
    {"daily", "2026-11-26 09:00", "FREQ=DAILY"},
    {"every day at noon", "2026-11-25 12:00", "FREQ=DAILY"},
    {"every day at midnight", "2026-11-26 00:00", "FREQ=DAILY"},
    {"every morning", "2026-11-26 09:00", "FREQ=DAILY"},
    {"every evening at 8", "2026-11-25 20:00", "FREQ=DAILY"},
    {"every other day at 10:30", "2026-11-25 10:30", "FREQ=DAILY;INTERVAL=2"},
    {"every second day at 10:30", "2026-11-25 10:30", "FREQ=DAILY;INTERVAL=2"},
    {"every 3 days", "2026-11-26 09:00", "FREQ=DAILY;INTERVAL=3"},
    {"every weekday at 10:00", "2026-11-26 10:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
    {"every weekday at 10", "2026-11-26 10:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", {"2026-11-25 22:00"}},
    {"at 10:15 every weekday", "2026-11-25 10:15", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
    {"on weekdays at 08:00", "2026-11-26 08:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
    {"every working day", "2026-11-26 09:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
    {"monday to friday at 8:30am, every week", "", "not understood"},
    {"every monday to friday at 8:30", "2026-11-26 08:30", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
    {"every weekend", "2026-11-28 09:00", "FREQ=WEEKLY;BYDAY=SA,SU"},
    {"every monday", "2026-11-30 09:00", "FREQ=WEEKLY;BYDAY=MO"},
    {"mondays at 9am", "2026-11-30 09:00", "FREQ=WEEKLY;BYDAY=MO"},
    {"every monday and thursday at 8:30", "2026-11-26 08:30", "FREQ=WEEKLY;BYDAY=MO,TH"},
    {"every mon, wed and fri at 10:30", "2026-11-25 10:30", "FREQ=WEEKLY;BYDAY=MO,WE,FR"},
    {"on tuesdays and thursdays", "2026-11-26 09:00", "FREQ=WEEKLY;BYDAY=TU,TH"},
    {"every monday morning", "2026-11-30 09:00", "FREQ=WEEKLY;BYDAY=MO"},
    {"every week", "2026-12-02 09:00", "FREQ=WEEKLY;BYDAY=WE"},
    {"weekly on friday at 16:00", "2026-11-27 16:00", "FREQ=WEEKLY;BYDAY=FR"},
    {"every 2 weeks on tuesday", "2026-12-01 09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"},
    {"every two weeks on tuesday at 10:00", "2026-12-01 10:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"},
    {"every other friday", "2026-11-27 09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"},
    {"every second friday", "2026-11-27 09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"},
    {"every second friday of the month", "2026-12-11 09:00", "FREQ=MONTHLY;BYDAY=2FR"},
    {"fortnightly", "2026-12-02 09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE"},
    {"on the last Friday of the month", "2026-11-27 09:00", "FREQ=MONTHLY;BYDAY=-1FR"},
    {"on the last Friday of the month at 15:00", "2026-11-27 15:00", "FREQ=MONTHLY;BYDAY=-1FR"},
    {"every last friday", "2026-11-27 09:00", "FREQ=MONTHLY;BYDAY=-1FR"},
    {"the first monday of every month at 10:00", "2026-12-07 10:00", "FREQ=MONTHLY;BYDAY=1MO"},
    {"every month on the 1st", "2026-12-01 09:00", "FREQ=MONTHLY;BYMONTHDAY=1"},
    {"the 1st of every month", "2026-12-01 09:00", "FREQ=MONTHLY;BYMONTHDAY=1"},
    {"every 15th at 12:00", "2026-12-15 12:00", "FREQ=MONTHLY;BYMONTHDAY=15"},
    {"every month on the 1st and the 15th", "2026-12-01 09:00", "FREQ=MONTHLY;BYMONTHDAY=1,15"},
    {"every month on the 31st", "2026-11-30 09:00", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"},
    {"on the last day of the month at 17:00", "2026-11-30 17:00", "FREQ=MONTHLY;BYMONTHDAY=-1"},
    {"on the last weekday of the month", "2026-11-30 09:00", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},
    {"monthly", "2026-12-25 09:00", "FREQ=MONTHLY;BYMONTHDAY=25"},
    {"every 3 months on the 1st", "2026-12-01 09:00", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1"},
    {"every quarter", "2026-12-25 09:00", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=25"},
    {"every year on March 3", "2027-03-03 09:00", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3"},
    {"every 3 march at 10:00", "2027-03-03 10:00", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3"},
    {"every december 24th at 18:00", "2026-12-24 18:00", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24"},
    {"every year on the first monday of september", "2027-09-06 09:00", "FREQ=YEARLY;BYMONTH=9;BYDAY=1MO"},
    {"yearly", "2027-11-25 09:00", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=25"},
    {"every day at 9am starting monday", "2026-11-30 09:00", "FREQ=DAILY"},
    {"every day at 9am until friday", "2026-11-26 09:00", "FREQ=DAILY;UNTIL=20261127T235959"},
    {"every day at 9am for 10 times", "2026-11-26 09:00", "FREQ=DAILY;COUNT=10"},
};

class phrases : public testing::TestWithParam<expected> {};

TEST_P(phrases, mean) {
  const auto& want = GetParam();
  const auto got = understand(want.phrase, "en", berlin(), now);
  if (want.local.empty()) {
    EXPECT_FALSE(got) << got->understood;
    return;
  }
  ASSERT_TRUE(got) << to_string(got.error());
  EXPECT_EQ(written(got->local), want.local) << got->understood;
  EXPECT_EQ(written(berlin().to_local(got->at)), want.local);
  EXPECT_EQ(got->rule ? to_rrule(*got->rule) : "", want.rule);
  std::vector<std::string> other;
  for (const auto& one : got->ambiguous) {
    other.push_back(written(one.local));
  }
  EXPECT_EQ(other, want.other);
  EXPECT_EQ(got->note, "");
  EXPECT_THAT(got->understood, HasSubstr("Europe/Berlin"));
}

INSTANTIATE_TEST_SUITE_P(waits, phrases, testing::ValuesIn(waits));
INSTANTIATE_TEST_SUITE_P(clocks, phrases, testing::ValuesIn(clocks));
INSTANTIATE_TEST_SUITE_P(days, phrases, testing::ValuesIn(days));
INSTANTIATE_TEST_SUITE_P(series, phrases, testing::ValuesIn(series));

TEST(phrase, there_are_two_hundred) {
  EXPECT_GE(waits.size() + clocks.size() + days.size() + series.size(), 200U);
}

TEST(phrase, what_was_understood_is_said_again) {
  const std::vector<std::pair<std::string, std::string>> said{
      {"next Tuesday 14:30", "Tuesday 1 December 2026, 14:30 Europe/Berlin"},
      {"in 90 seconds", "Wednesday 25 November 2026, 10:01:30 Europe/Berlin"},
      {"every weekday at 10", "every weekday at 10:00 Europe/Berlin, first on Thursday 26 November 2026"},
      {"every monday and thursday at 8:30",
       "every Monday and Thursday at 08:30 Europe/Berlin, first on Thursday 26 November 2026"},
      {"every 2 weeks on tuesday", "every 2 weeks on Tuesday at 09:00 Europe/Berlin, first on Tuesday 1 December 2026"},
      {"every last friday at 15:00",
       "every month on the last Friday at 15:00 Europe/Berlin, first on Friday 27 November 2026"},
      {"every month on the 1st and 15th",
       "every month on the 1st and 15th at 09:00 Europe/Berlin, first on Tuesday 1 December 2026"},
      {"every month on the 31st",
       "every month on the 31st, or the last day of a shorter month at 09:00 Europe/Berlin, first on Monday 30 "
       "November "
       "2026"},
      {"on the last weekday of the month",
       "every month on the last weekday at 09:00 Europe/Berlin, first on Monday 30 November 2026"},
      {"every year on March 3", "every year on 3 March at 09:00 Europe/Berlin, first on Wednesday 3 March 2027"},
      {"every day at 9am for 10 times", "every day, 10 times at 09:00 Europe/Berlin, first on Thursday 26 November 2026"
      },
  };
  for (const auto& [phrase, want] : said) {
    const auto got = understand(phrase, "en", berlin(), now);
    ASSERT_TRUE(got) << phrase;
    EXPECT_EQ(got->understood, want);
  }
}

TEST(phrase, an_error_names_the_word_and_gives_examples) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"nextt tuesday", "when is not understood at \"nextt\" (did you mean next?)"},
      {"tomorow", "when is not understood at \"tomorow\" (did you mean tomorrow?)"},
      {"in 5 blarghs", "when is not understood at \"blarghs\""},
      {"tomorrow at", "when breaks off after \"at\""},
      {"every", "when breaks off after \"every\""},
      {"every day at 9 and 17", "when is not understood at \"and\""},
      {"every minute", "when is not understood at \"minute\" (did you mean minutes?)"},
      {"a week from", "when breaks off after \"from\""},
      {"", "when is empty"},
      {"  ", "when is empty"},
      {"tomorrow tomorrow", "when is not understood at \"tomorrow\""},
      {"in 2 hours at 5", "when says both how long from now and at what time"},
      {"30 february", "when names a day that the calendar does not have"},
      {"29 february 2027", "when names a day that the calendar does not have"},
      {"in 12345678 minutes", "when has a number that is too long: 12345678"},
      {"at 25:00", "when is not understood at \"25:00\""},
      {"Привет", "when is not understood at \"Привет\""},
      {std::string(201, 'x'), "when is longer than 200 letters"},
  };
  for (const auto& [phrase, want] : wrong) {
    const auto got = understand(phrase, "en", berlin(), now);
    ASSERT_FALSE(got) << phrase << ": " << got->understood;
    EXPECT_EQ(got.error().code, errc::invalid_argument);
    EXPECT_EQ(got.error().message, want);
    EXPECT_EQ(got.error().field, "when");
    EXPECT_THAT(got.error().remedy, HasSubstr("tomorrow at 9am"));
  }
}

TEST(phrase, what_is_past_or_too_far_is_an_error) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"yesterday", "when is past: Tuesday 24 November 2026, 09:00 Europe/Berlin"},
      {"today at 08:00", "when is past: Wednesday 25 November 2026, 08:00 Europe/Berlin"},
      {"2026-11-25 10:00", "when is past: Wednesday 25 November 2026, 10:00 Europe/Berlin"},
      {"24 dec 2025", "when is past: Wednesday 24 December 2025, 09:00 Europe/Berlin"},
      {"in 0 minutes", "when is past: Wednesday 25 November 2026, 10:00 Europe/Berlin"},
      {"in 20 years", "when is too far ahead: times until the end of 2036 are kept"},
      {"in 99999 weeks", "when is too far ahead: times until the end of 2036 are kept"},
      {"every day until 24 november 2026", "when ends before it comes a first time"},
  };
  for (const auto& [phrase, want] : wrong) {
    const auto got = understand(phrase, "en", berlin(), now);
    ASSERT_FALSE(got) << phrase << ": " << got->understood;
    EXPECT_EQ(got.error().message, want);
  }
}

TEST(phrase, clocks_that_change_are_told) {
  const auto in_march = sys_days(std::chrono::year(2026) / 3 / 28) + 9h;
  const auto skipped = understand("tomorrow at 02:30", "en", berlin(), in_march);
  ASSERT_TRUE(skipped);
  EXPECT_EQ(skipped->understood, "Sunday 29 March 2026, 03:30 Europe/Berlin");
  EXPECT_EQ(skipped->note, "02:30 does not exist on that day: clocks go forward over it");
  const auto in_october = sys_days(std::chrono::year(2026) / 10 / 24) + 9h;
  const auto twice = understand("tomorrow at 02:30", "en", berlin(), in_october);
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->understood, "Sunday 25 October 2026, 02:30 UTC+02:00 Europe/Berlin");
  EXPECT_EQ(twice->note, "02:30 comes twice on that day: clocks go back over it; this is the first");
  ASSERT_EQ(twice->ambiguous.size(), 1U);
  EXPECT_EQ(twice->ambiguous[0].understood, "Sunday 25 October 2026, 02:30 UTC+01:00 Europe/Berlin");
  EXPECT_EQ(twice->ambiguous[0].at - twice->at, 1h);
  // Hours pass, whatever the clock shows; days keep it.
  const auto hours = understand("in 24 hours", "en", berlin(), in_october);
  const auto day = understand("in 1 day", "en", berlin(), in_october);
  EXPECT_EQ(hours->at, in_october + 24h);
  EXPECT_EQ(day->at, in_october + 25h);
}

TEST(phrase, the_zone_and_the_country_decide) {
  const auto kolkata = zone::find("Asia/Kolkata").value();
  const auto tomorrow = understand("tomorrow at 9am", "en", kolkata, now);
  EXPECT_EQ(tomorrow->at, sys_days(std::chrono::year(2026) / 11 / 26) + 3h + 30min);
  EXPECT_EQ(tomorrow->understood, "Thursday 26 November 2026, 09:00 Asia/Kolkata");
  EXPECT_EQ(written(understand("3/4/2027", "en-US", berlin(), now)->local), "2027-03-04 09:00");
  EXPECT_EQ(written(understand("3/4/2027", "en-GB", berlin(), now)->local), "2027-04-03 09:00");
  // A language that is not there is read as English.
  EXPECT_EQ(written(understand("tomorrow", "xx", berlin(), now)->local), "2026-11-26 09:00");
}

}  // namespace
}  // namespace meridian::calendar
