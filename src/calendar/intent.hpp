// What a phrase says, in no language: what its words ask for, before a calendar is looked at.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>

#include "calendar/recurrence.hpp"

namespace meridian::calendar {

// "in 2 weeks and 3 hours". Months and days keep the clock's time; seconds pass.
struct time_span {
  int months = 0;
  int days = 0;
  std::int64_t seconds = 0;
  bool is_fine = false;  // seconds were spoken of
};

struct days_ahead {  // today, tomorrow
  int days;
};
struct named_weekday {
  enum class which { coming, next };  // next: of next week, if that is another one than the coming
  std::chrono::weekday day;
  which one = which::coming;
};
struct weeks_ahead {  // its Monday
  int weeks;
  std::chrono::weekday day = std::chrono::Monday;
};
struct calendar_date {
  std::optional<int> year;
  unsigned month;
  unsigned day;
  bool may_be_swapped = false;  // 3/4/2027: month and day may be meant the other way round
};
struct month_day {  // the 15th; the 15th of next month
  unsigned day;
  std::optional<int> months_ahead = {};  // NOLINT(readability-redundant-member-init): none: the coming one
};
struct nth_weekday {  // the last Friday of next month, of December
  int nth;
  std::chrono::weekday day;
  std::optional<int> months_ahead = {};  // NOLINT(readability-redundant-member-init)
  std::optional<unsigned> month = {};    // NOLINT(readability-redundant-member-init)
};
struct month_edge {  // next month: its first; end of the month: its last
  int months_ahead;
  bool is_end = false;
};
struct year_edge {
  int years_ahead;
  bool is_end = false;
};

using day_intent =
    std::variant<days_ahead, named_weekday, weeks_ahead, calendar_date, month_day, nth_weekday, month_edge, year_edge>;

struct clock_intent {
  // Whether it is before or after noon.
  enum class half {
    known,
    likely,  // "8:30": as it stands, but for "8:30 in the evening"
    unsaid,  // "at 5": it may be 17:00
  };
  int hour = 0;  // 24: the midnight that ends the day
  int minute = 0;
  int second = 0;
  half of = half::known;
};

enum class day_part { morning, afternoon, evening, night };

// At least one of the first five is there.
struct intent {
  std::optional<time_span> wait;
  std::optional<day_intent> day;
  std::optional<clock_intent> clock;
  std::optional<day_part> part;
  std::optional<recurrence> rule;   // without days where the phrase leaves them to its first time
  std::optional<day_intent> first;  // of a rule: "starting monday"
  std::optional<day_intent> last;   // of a rule: "until friday"
};

}  // namespace meridian::calendar
