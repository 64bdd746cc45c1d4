// From what a phrase says to times on the clock, in any language.
#pragma once

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "calendar/intent.hpp"
#include "calendar/zone.hpp"

namespace meridian::calendar {

// One time that may be meant.
struct candidate {
  local_time local;
  std::optional<timestamp> at = {};     // NOLINT(readability-redundant-member-init): when it is not the clock's
  std::optional<recurrence> rule = {};  // NOLINT(readability-redundant-member-init): starts at `local`
  bool is_fallback = false;             // only when those before it are past
};

// The likelier first, at least one; some may be past. invalid_argument with the field `when` when the calendar has no
// such day, or the parts don't fit together.
//
// Where nothing is said: a day is at 09:00, today at 17:00; morning 09:00, afternoon 15:00, evening 18:00, night 20:00.
// An hour without am or pm is taken as 07:00 to 18:00.
result<std::vector<candidate>> candidates_of(const intent& read, const zone& where, timestamp now);

}  // namespace meridian::calendar
