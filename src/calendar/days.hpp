// Which days of the calendar a phrase may mean.
#pragma once

#include <chrono>
#include <vector>

#include "base/result.hpp"
#include "calendar/intent.hpp"

namespace meridian::calendar {

using local_day = std::chrono::local_days;

struct found_day {
  local_day day;
  bool is_fallback = false;  // only when those before it are past
};

// The likelier first, at least one. invalid_argument with the field `when` for a day that the calendar does not have.
result<std::vector<found_day>> days_of(const day_intent& meant, local_day today);

// The last day of a month that is too short.
local_day plus_months(local_day day, int months);

// A monthly rule on this day; in months that end before it, on their last.
void set_month_day(recurrence& rule, int day);

}  // namespace meridian::calendar
