#include "calendar/recurrence.hpp"

#include <random>

#include <fmt/chrono.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "calendar/phrase.hpp"

namespace meridian::calendar {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::sys_days;
using std::chrono::year;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

template <class Time>
std::string written(Time time) {
  return fmt::format(
      "{:%m-%d %H:%M}", std::chrono::sys_seconds(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch())
  );
}

recurrence rule_of(std::string_view text) {
  return parse_recurrence(text).value();
}

// The first times in UTC after a day of 2026 at 00:00 UTC; the series starts on that day at `clock`.
std::vector<std::string> times(
    std::string_view rule, std::string_view zone_name, std::chrono::month_day from, std::chrono::minutes clock,
    std::size_t count
) {
  const auto where = zone::find(zone_name).value();
  const auto day = year(2026) / from.month() / from.day();
  timestamp after = sys_days(day) - 24h;
  std::vector<std::string> found;
  while (found.size() < count) {
    const auto next = next_after(rule_of(rule), local_days(day) + clock, where, after);
    if (!next) {
      found.emplace_back("end");
      break;
    }
    found.push_back(written(next->at));
    after = next->at;
  }
  return found;
}

using std::chrono::March;
using std::chrono::October;

TEST(recurrence, the_clock_stays_when_clocks_change) {
  EXPECT_THAT(
      times("FREQ=DAILY", "Europe/Berlin", March / 27, 9h, 4),
      ElementsAre("03-27 08:00", "03-28 08:00", "03-29 07:00", "03-30 07:00")
  );
  EXPECT_THAT(
      times("FREQ=DAILY", "Europe/Berlin", October / 24, 9h, 3),
      ElementsAre("10-24 07:00", "10-25 08:00", "10-26 08:00")
  );
  EXPECT_THAT(
      times("FREQ=WEEKLY;BYDAY=SU", "America/New_York", March / 1, 9h, 3),
      ElementsAre("03-01 14:00", "03-08 13:00", "03-15 13:00")
  );
  EXPECT_THAT(
      times("FREQ=DAILY", "Australia/Lord_Howe", October / 3, 9h, 3),
      ElementsAre("10-02 22:30", "10-03 22:00", "10-04 22:00")
  );
  EXPECT_THAT(
      times("FREQ=MONTHLY;BYMONTHDAY=1", "Africa/Casablanca", std::chrono::February / 1, 9h, 3),
      ElementsAre("02-01 08:00", "03-01 09:00", "04-01 08:00")
  );
  EXPECT_THAT(
      times("FREQ=DAILY", "Asia/Kolkata", March / 28, 9h, 3), ElementsAre("03-28 03:30", "03-29 03:30", "03-30 03:30")
  );
}

// A skipped time is later that day and the next day's is not; one that comes twice is the first, once.
TEST(recurrence, gaps_and_overlaps_are_one_time_each) {
  EXPECT_THAT(
      times("FREQ=DAILY", "Europe/Berlin", March / 28, 2h + 30min, 3),
      ElementsAre("03-28 01:30", "03-29 01:30", "03-30 00:30")
  );
  EXPECT_THAT(
      times("FREQ=DAILY", "Europe/Berlin", October / 24, 2h + 30min, 3),
      ElementsAre("10-24 00:30", "10-25 00:30", "10-26 01:30")
  );
  EXPECT_THAT(
      times("FREQ=DAILY", "Australia/Lord_Howe", October / 3, 2h + 15min, 3),
      ElementsAre("10-02 15:45", "10-03 15:45", "10-04 15:15")
  );
}

TEST(recurrence, months_and_years_have_their_shapes) {
  const auto utc = [](std::string_view rule, std::chrono::month_day from, std::size_t count) {
    return times(rule, "UTC", from, 9h, count);
  };
  using std::chrono::January;
  EXPECT_THAT(utc("FREQ=MONTHLY;BYDAY=-1FR", January / 1, 3), ElementsAre("01-30 09:00", "02-27 09:00", "03-27 09:00"));
  EXPECT_THAT(
      utc("FREQ=MONTHLY;BYMONTHDAY=-1", January / 1, 3), ElementsAre("01-31 09:00", "02-28 09:00", "03-31 09:00")
  );
  EXPECT_THAT(
      utc("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", January / 1, 3),
      ElementsAre("01-31 09:00", "02-28 09:00", "03-31 09:00")
  );
  EXPECT_THAT(
      utc("FREQ=MONTHLY;BYMONTHDAY=31", January / 1, 3), ElementsAre("01-31 09:00", "03-31 09:00", "05-31 09:00")
  );
  EXPECT_THAT(
      utc("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", January / 1, 2), ElementsAre("01-30 09:00", "02-27 09:00")
  );
  EXPECT_THAT(
      utc("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", January / 2, 4),
      ElementsAre("01-02 09:00", "01-12 09:00", "01-16 09:00", "01-26 09:00")
  );
  EXPECT_THAT(utc("FREQ=YEARLY;BYMONTH=9;BYDAY=1MO", January / 1, 2), ElementsAre("09-07 09:00", "09-06 09:00"));
  EXPECT_THAT(utc("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", January / 1, 2), ElementsAre("02-29 09:00", "02-29 09:00"));
  EXPECT_THAT(
      utc("FREQ=DAILY;COUNT=3", January / 1, 5), ElementsAre("01-01 09:00", "01-02 09:00", "01-03 09:00", "end")
  );
  EXPECT_THAT(
      utc("FREQ=DAILY;UNTIL=20260103", January / 1, 5), ElementsAre("01-01 09:00", "01-02 09:00", "01-03 09:00", "end")
  );
  EXPECT_THAT(
      utc("FREQ=DAILY;UNTIL=20260103T085959Z", January / 1, 5), ElementsAre("01-01 09:00", "01-02 09:00", "end")
  );
  EXPECT_THAT(
      utc("FREQ=DAILY;UNTIL=20260103T090000", January / 1, 5),
      ElementsAre("01-01 09:00", "01-02 09:00", "01-03 09:00", "end")
  );
}

TEST(recurrence, an_end_in_utc_is_compared_in_utc) {
  EXPECT_THAT(
      times("FREQ=DAILY;UNTIL=20260102T033000Z", "Asia/Kolkata", std::chrono::January / 1, 9h, 5),
      ElementsAre("01-01 03:30", "01-02 03:30", "end")
  );
}

TEST(recurrence, it_is_written_as_it_is_read) {
  for (const auto* text :
       {"FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=10", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20270101T000000Z", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"}) {
    EXPECT_EQ(to_rrule(rule_of(text)), text);
  }
  EXPECT_EQ(to_rrule(rule_of("rrule:wkst=mo;byday=+1fr;freq=monthly")), "FREQ=MONTHLY;BYDAY=1FR");
}

TEST(recurrence, what_reminders_do_not_have_is_refused) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"", "is no rule"},
      {"every day", "is no rule"},
      {"FREQ=SECONDLY", "comes more often than daily"},
      {"FREQ=MINUTELY", "comes more often than daily"},
      {"FREQ=HOURLY", "comes more often than daily"},
      {"FREQ=NEVER", "is no rule"},
      {"BYDAY=MO", "is no rule"},
      {"FREQ=DAILY;BYHOUR=9", "has a part that is not understood: BYHOUR"},
      {"FREQ=DAILY;RSCALE=HEBREW", "has a part that is not understood: RSCALE"},
      {"FREQ=DAILY;FREQ=WEEKLY", "has FREQ twice"},
      {"FREQ=DAILY;;COUNT=1", "has a part that is not understood: "},
      {"FREQ=WEEKLY;WKST=SU", "begins its weeks on another day than Monday"},
      {"FREQ=DAILY;INTERVAL=0", "is no rule"},
      {"FREQ=DAILY;INTERVAL=401", "has an INTERVAL that is not 1 to 400"},
      {"FREQ=DAILY;COUNT=1001", "has a COUNT that is not 1 to 1000"},
      {"FREQ=DAILY;COUNT=2;UNTIL=20270101", "is no rule"},
      {"FREQ=WEEKLY;BYDAY=1MO", "has a BYDAY with a number that is no month's"},
      {"FREQ=YEARLY;BYDAY=20MO", "has a BYDAY with a number that is no month's"},
      {"FREQ=DAILY;BYMONTHDAY=1", "has BYMONTHDAY but comes neither monthly nor yearly"},
      {"FREQ=MONTHLY;BYSETPOS=1", "has BYSETPOS without days to choose from"},
      {"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,2", "has more than one BYSETPOS"},
      {"FREQ=DAILY;INTERVAL=2;BYDAY=MO", "counts days and chooses among them"},
      {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never comes"},
      {"FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1", "never comes"},
      {std::string(251, 'A'), "is longer than 250 letters"},
  };
  for (const auto& [text, what] : wrong) {
    const auto got = parse_recurrence(text);
    ASSERT_FALSE(got) << text;
    EXPECT_EQ(got.error().code, errc::invalid_argument) << text;
    EXPECT_EQ(got.error().field, "recurrence") << text;
    EXPECT_THAT(got.error().message, HasSubstr(what)) << text;
  }
}

TEST(recurrence, nothing_is_beyond_the_horizon) {
  const auto utc = zone::find("UTC").value();
  const auto start = local_days(year(2036) / 12 / 30) + 9h;
  const auto second = next_after(rule_of("FREQ=DAILY"), start, utc, sys_days(year(2036) / 12 / 30) + 10h);
  ASSERT_TRUE(second);
  EXPECT_FALSE(next_after(rule_of("FREQ=DAILY"), start, utc, second->at));
  EXPECT_FALSE(next_after(rule_of("FREQ=DAILY"), start, utc, horizon));
  EXPECT_FALSE(next_after(rule_of("FREQ=DAILY"), start, utc, timestamp::max()));
}

// Random rules, zones and instants: the next time is later, never before the start, and no time lies between: asking
// from anywhere before it answers with it, and stepping from the start arrives at it.
TEST(recurrence, next_is_strictly_after_and_the_nearest) {
  std::mt19937 random(20261125);
  const auto any = [&](int least, int most) { return std::uniform_int_distribution(least, most)(random); };
  const std::vector<std::string> rules{
      "FREQ=DAILY",
      "FREQ=DAILY;INTERVAL=3",
      "FREQ=DAILY;BYDAY=MO,WE",
      "FREQ=WEEKLY",
      "FREQ=WEEKLY;BYDAY=SU",
      "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA",
      "FREQ=WEEKLY;INTERVAL=5;BYDAY=MO",
      "FREQ=MONTHLY;BYMONTHDAY=29",
      "FREQ=MONTHLY;BYDAY=-1SU",
      "FREQ=MONTHLY;INTERVAL=2;BYDAY=2SA",
      "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
      "FREQ=DAILY;COUNT=40",
      "FREQ=DAILY;UNTIL=20260401",
      "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
  };
  const std::vector<std::string> zones{
      "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"
  };
  for (int round = 0; round < 150; ++round) {
    const auto rule = rule_of(rules[static_cast<std::size_t>(round) % rules.size()]);
    const auto where = zone::find(zones[static_cast<std::size_t>(any(0, 4))]).value();
    const auto start =
        local_days(year(2026) / 1 / 1) + std::chrono::days(any(0, 40)) + std::chrono::minutes(any(0, 1439));
    const timestamp after = sys_days(year(2026) / 1 / 1) + std::chrono::minutes(any(0, 600000));
    const auto label = to_rrule(rule) + " in " + where.name() + " from " + written(start) + " after " + written(after);
    // One by one from the beginning.
    auto stepped = next_after(rule, start, where, where.to_instant(start).at - 1s);
    for (int step = 0; stepped && stepped->at <= after && step < 500; ++step) {
      const auto before = stepped->at;
      stepped = next_after(rule, start, where, before);
      ASSERT_TRUE(!stepped || stepped->at > before) << label;
    }
    const auto next = next_after(rule, start, where, after);
    ASSERT_EQ(next.has_value(), stepped.has_value()) << label;
    if (next) {
      ASSERT_GT(next->at, after) << label;
      ASSERT_GE(next->local, start) << label;
      ASSERT_EQ(written(next->at), written(stepped->at)) << label;
      ASSERT_EQ(next_after(rule, start, where, next->at - 1us)->at, next->at) << label;
    }
  }
}

TEST(recurrence, any_rule_is_said_in_words) {
  const auto utc = zone::find("UTC").value();
  const auto start = local_days(year(2026) / 3 / 3) + 9h;
  const std::vector<std::pair<std::string, std::string>> said{
      {"FREQ=DAILY;INTERVAL=3", "every 3 days at"},
      {"FREQ=DAILY;BYDAY=SA,SU", "every Saturday and Sunday at"},
      {"FREQ=WEEKLY", "every Tuesday at"},
      {"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR", "every 2 weeks on weekdays at"},
      {"FREQ=MONTHLY", "every month on the 3rd at"},
      {"FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday at"},
      {"FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "every month on the 13th when it is Friday at"},
      {"FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day at"},
      {"FREQ=YEARLY", "every year on 3 March at"},
      {"FREQ=YEARLY;BYMONTH=9;BYDAY=1MO", "every year on the first Monday of September at"},
      {"FREQ=YEARLY;BYMONTH=3,9", "every year on the 3rd of March and September at"},
      {"FREQ=DAILY;BYMONTH=8", "every day in August at"},
      {"FREQ=DAILY;COUNT=2;INTERVAL=2", "every 2 days, 2 times at"},
      {"FREQ=DAILY;UNTIL=20260401", "every day, until Wednesday 1 April 2026 at"},
  };
  for (const auto& [text, words] : said) {
    EXPECT_THAT(say_series(rule_of(text), start, "en", utc), StartsWith(words));
  }
}

}  // namespace
}  // namespace meridian::calendar
