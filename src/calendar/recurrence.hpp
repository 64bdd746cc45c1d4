// What comes again: RFC 5545's RRULE, as much of it as reminders need.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "calendar/zone.hpp"

namespace meridian::calendar {

enum class frequency { daily, weekly, monthly, yearly };

struct rule_day {
  std::chrono::weekday day;
  int nth = 0;  // of the month: 1 to 5, -1 the last; 0 each

  bool operator==(const rule_day&) const = default;
};

// The last moment that counts; a date is its end.
struct rule_end {
  local_time time;
  bool is_utc = false;  // `time` is UTC's, else the zone's

  bool operator==(const rule_end&) const = default;
};

struct recurrence {
  frequency each = frequency::daily;
  int interval = 1;
  std::vector<rule_day> days = {};     // NOLINT(readability-redundant-member-init): here and below, for braces
  std::vector<int> month_days = {};    // NOLINT: 1 to 31, -1 the last
  std::vector<int> months = {};        // NOLINT
  std::optional<int> position = {};    // NOLINT: of those that a period has: 1 the first, -1 the last
  std::optional<int> count = {};       // NOLINT
  std::optional<rule_end> until = {};  // NOLINT

  bool operator==(const recurrence&) const = default;
};

inline constexpr std::size_t rule_size_max = 250;
inline constexpr int rule_interval_max = 400;
inline constexpr int rule_count_max = 1000;

// "FREQ=WEEKLY;BYDAY=MO,TH", also with "RRULE:" before it; small letters are fine. invalid_argument with the field
// `recurrence` for what is no rule, and for a rule that reminders don't have: more often than daily, parts other than
// INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS (one) and WKST=MO, or one that can never come.
result<recurrence> parse_recurrence(std::string_view text);

// In one canonical form, which parse_recurrence reads back.
std::string to_rrule(const recurrence& rule);

// One time of a series. `local` is what the rule says; `at` is where the zone's clocks show it, or later when they
// jumped over it.
struct occurrence {
  local_time local;
  timestamp at;
};

// The first one after `after`, of a series whose first is at or after `start` on the clocks of `where`: they keep the
// clock's time when it changes. None when the series is over, or beyond the horizon. The rule is one that
// parse_recurrence takes. Costs about 20 us; a monthly or yearly series adds as much for each year since `start`, one
// with a count does for each time it came.
std::optional<occurrence> next_after(const recurrence& rule, local_time start, const zone& where, timestamp after);

}  // namespace meridian::calendar
