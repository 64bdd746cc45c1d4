// The parts of an English phrase. Each takes what it reads off the cursor, or nothing at all.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "calendar/cursor.hpp"
#include "calendar/intent.hpp"

namespace meridian::calendar::english {

// "in an hour and a half", "15 min", "for 2 weeks", "3 days from now". With `from`, "a week from friday" leaves the day
// to be read next.
struct spoken_wait {
  time_span span;
  bool is_from_day = false;
};
std::optional<spoken_wait> read_wait(cursor& at);

// "at 9:30am", "noon", "half past 5", "1430". A bare number is a time only behind "at" or where `may_be_bare`.
std::optional<clock_intent> read_clock(cursor& at, bool may_be_bare);

// "in the morning", "tonight" is read_day's.
std::optional<day_part> read_part(cursor& at);

// "tomorrow", "next friday", "24 December", "on the 15th", "the last friday of next month". `part` is set by "tonight"
// and "tomorrow morning" is left to read_part. `region` decides whose 3/4/2027 it is.
struct spoken_day {
  day_intent day;
  std::optional<day_part> part = {};       // NOLINT(readability-redundant-member-init)
  std::optional<clock_intent> clock = {};  // NOLINT(readability-redundant-member-init): "end of month" has its own
  bool is_iso = false;                     // 2027-01-15: a time beside it is of 24 hours
};
std::optional<spoken_day> read_day(cursor& at, std::string_view region);

// A number as a day of the month, with or without its ending: "15th", "1". 1 to 31.
std::optional<unsigned> read_month_day(cursor& at, bool needs_ending);
// "first", "2nd", "last"; 1 to 5 or -1.
std::optional<int> read_ordinal(cursor& at);
std::optional<std::chrono::weekday> read_weekday(cursor& at);
std::optional<unsigned> read_month(cursor& at);

// "every weekday", "every 2 weeks on tuesday", "on the last friday of the month", "mondays".
struct spoken_rule {
  recurrence rule;
  std::optional<day_part> part = {};  // NOLINT(readability-redundant-member-init): "every morning"
};
std::optional<spoken_rule> read_rule(cursor& at);

}  // namespace meridian::calendar::english
