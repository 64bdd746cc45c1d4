// Five zones whose clocks change in five ways: an hour in the north and in the south, half an hour, a month of winter
// time for Ramadan, never.
#include "calendar/zone.hpp"

#include <fmt/chrono.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::calendar {
namespace {

using namespace std::chrono_literals;
using kind = placed_time::kind;
using testing::Contains;
using testing::HasSubstr;

struct row {
  std::string zone;
  std::string local;
  kind how;
  std::string utc;
  std::string again = {};  // NOLINT(readability-redundant-member-init)
};

// 2026 is what the zone data says today; Morocco's dates are announced for decades.
const std::vector<row> rows{
    {"Europe/Berlin", "2026-03-29 01:59:59", kind::exact, "2026-03-29 00:59:59"},
    {"Europe/Berlin", "2026-03-29 02:00:00", kind::gap, "2026-03-29 01:00:00"},
    {"Europe/Berlin", "2026-03-29 02:30:00", kind::gap, "2026-03-29 01:30:00"},
    {"Europe/Berlin", "2026-03-29 03:00:00", kind::exact, "2026-03-29 01:00:00"},
    {"Europe/Berlin", "2026-07-01 12:00:00", kind::exact, "2026-07-01 10:00:00"},
    {"Europe/Berlin", "2026-10-25 01:59:59", kind::exact, "2026-10-24 23:59:59"},
    {"Europe/Berlin", "2026-10-25 02:00:00", kind::overlap, "2026-10-25 00:00:00", "2026-10-25 01:00:00"},
    {"Europe/Berlin", "2026-10-25 02:59:59", kind::overlap, "2026-10-25 00:59:59", "2026-10-25 01:59:59"},
    {"Europe/Berlin", "2026-10-25 03:00:00", kind::exact, "2026-10-25 02:00:00"},
    {"Europe/Berlin", "2036-07-01 12:00:00", kind::exact, "2036-07-01 10:00:00"},
    {"America/New_York", "2026-03-08 01:59:59", kind::exact, "2026-03-08 06:59:59"},
    {"America/New_York", "2026-03-08 02:30:00", kind::gap, "2026-03-08 07:30:00"},
    {"America/New_York", "2026-03-08 03:00:00", kind::exact, "2026-03-08 07:00:00"},
    {"America/New_York", "2026-11-01 01:30:00", kind::overlap, "2026-11-01 05:30:00", "2026-11-01 06:30:00"},
    {"America/New_York", "2026-11-01 02:00:00", kind::exact, "2026-11-01 07:00:00"},
    {"Australia/Lord_Howe", "2026-04-05 01:29:59", kind::exact, "2026-04-04 14:29:59"},
    {"Australia/Lord_Howe", "2026-04-05 01:45:00", kind::overlap, "2026-04-04 14:45:00", "2026-04-04 15:15:00"},
    {"Australia/Lord_Howe", "2026-04-05 02:00:00", kind::exact, "2026-04-04 15:30:00"},
    {"Australia/Lord_Howe", "2026-10-04 01:59:59", kind::exact, "2026-10-03 15:29:59"},
    {"Australia/Lord_Howe", "2026-10-04 02:15:00", kind::gap, "2026-10-03 15:45:00"},
    {"Australia/Lord_Howe", "2026-10-04 02:30:00", kind::exact, "2026-10-03 15:30:00"},
    {"Africa/Casablanca", "2026-02-15 02:30:00", kind::overlap, "2026-02-15 01:30:00", "2026-02-15 02:30:00"},
    {"Africa/Casablanca", "2026-03-01 12:00:00", kind::exact, "2026-03-01 12:00:00"},
    {"Africa/Casablanca", "2026-03-22 02:30:00", kind::gap, "2026-03-22 02:30:00"},
    {"Africa/Casablanca", "2026-06-01 12:00:00", kind::exact, "2026-06-01 11:00:00"},
    {"Asia/Kolkata", "2026-03-29 02:30:00", kind::exact, "2026-03-28 21:00:00"},
    {"Asia/Kolkata", "2026-10-25 02:30:00", kind::exact, "2026-10-24 21:00:00"},
};

template <class Time>
std::string written(Time time) {
  return fmt::format(
      "{:%F %T}", std::chrono::sys_seconds(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch())
  );
}

local_time read(const std::string& text) {
  const auto number = [&](std::size_t at, std::size_t size) { return std::stoi(text.substr(at, size)); };
  const auto day = std::chrono::year(number(0, 4)) / number(5, 2) / number(8, 2);
  return std::chrono::local_days(day) + std::chrono::hours(number(11, 2)) + std::chrono::minutes(number(14, 2)) +
         std::chrono::seconds(number(17, 2));
}

TEST(zone, gaps_and_overlaps_are_decided) {
  for (const auto& one : rows) {
    const auto where = zone::find(one.zone).value();
    const auto placed = where.to_instant(read(one.local));
    EXPECT_EQ(placed.how, one.how) << one.zone << " " << one.local;
    EXPECT_EQ(written(placed.at), one.utc) << one.zone << " " << one.local;
    EXPECT_EQ(placed.again ? written(*placed.again) : "", one.again) << one.zone << " " << one.local;
  }
}

TEST(zone, every_instant_comes_back_but_for_an_overlaps_second) {
  for (const auto* name :
       {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata",
        "America/Sao_Paulo", "Pacific/Chatham", "America/St_Johns"}) {
    const auto where = zone::find(name).value();
    for (timestamp at = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
         at < std::chrono::sys_days(std::chrono::year(2027) / 1 / 1); at += 5min) {
      const auto placed = where.to_instant(where.to_local(at));
      ASSERT_NE(placed.how, kind::gap) << name << " " << written(at);
      ASSERT_TRUE(placed.at == at || placed.again == at) << name << " " << written(at);
    }
  }
}

TEST(zone, a_fraction_of_a_second_is_cut_off) {
  const auto where = zone::find("UTC").value();
  EXPECT_EQ(written(where.to_local(timestamp(-1us))), "1969-12-31 23:59:59");
}

TEST(zone, names_are_the_databases) {
  EXPECT_EQ(zone::find("Asia/Kolkata")->name(), "Asia/Kolkata");
  for (const auto* wrong :
       {"", "asia/kolkata", "Mars/Base", "../../etc/passwd", "/etc/passwd", "Europe/Berlin ", "posix/Europe/Berlin",
        "right/Europe/Berlin", "Europe", "+0100"}) {
    const auto found = zone::find(wrong);
    ASSERT_FALSE(found) << wrong;
    EXPECT_EQ(found.error().code, errc::invalid_argument);
    EXPECT_EQ(found.error().field, "time_zone");
  }
  EXPECT_THAT(zone::find("Europe/Berln").error().message, HasSubstr("did you mean Europe/Berlin?"));
  EXPECT_THAT(list_zones(), Contains("America/Los_Angeles"));
}

}  // namespace
}  // namespace meridian::calendar
