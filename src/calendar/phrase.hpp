// Times as people say them: "tomorrow at 9am", "every weekday at 10". docs/time-phrases.md has the grammar.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "calendar/recurrence.hpp"
#include "calendar/zone.hpp"

namespace meridian::calendar {

// One way to understand a phrase.
struct reading {
  timestamp at;                    // when it is first due; later than now
  local_time local;                // the same on the zone's clocks, as it was said: a rule starts here
  std::optional<recurrence> rule;  // of a phrase that says "every"
  std::string understood;          // in the phrase's language: "Tuesday 1 December 2026, 14:30 Europe/Berlin"
};

struct understood_phrase : reading {
  std::vector<reading> ambiguous;  // what else may be meant, the likelier first; at most readings_max
  std::string note;                // what the clocks' change does to it, in the phrase's language; mostly ""
};

inline constexpr std::size_t readings_max = 3;

// `locale` is a language tag: "en-US" puts the month first in 3/4/2027, any other "en" the day. A language that is not
// there is read as English. At most 200 letters. invalid_argument with the field `when` says what was not understood,
// or that the time is past or beyond the horizon.
result<understood_phrase> understand(
    std::string_view phrase, std::string_view locale, const zone& where, timestamp now
);

// Restated: "Tuesday 1 December 2026, 14:30 Europe/Berlin"; of a series "every weekday at 10:00 Europe/Berlin, first on
// Thursday 26 November 2026". `start` is what next_after takes.
std::string say_time(timestamp at, std::string_view locale, const zone& where);
std::string say_series(const recurrence& rule, local_time start, std::string_view locale, const zone& where);

// The error of the field `when`, with examples: "when " + what.
error not_understood(std::string what);
// At or beyond the horizon.
error too_far();

}  // namespace meridian::calendar
