// When reminders are due: what somebody said, as times and rules.
#pragma once

#include "base/result.hpp"
#include "reminders/reminder.hpp"

namespace meridian::reminders {

// In letters, of `when` and of a snooze.
inline constexpr std::size_t phrase_size_max = 200;

// `at` or `when`, one of them; with a rule where `when` says none.
struct time_wish {
  std::optional<timestamp> at;
  std::optional<std::string> when;        // "tomorrow at 9am", "every weekday at 10"
  std::optional<std::string> recurrence;  // an RRULE

  bool has_time() const { return at || when; }
};

// How a phrase was understood, for people to check.
struct understanding {
  struct other {
    timestamp at;
    std::string text;
  };
  std::string text;  // "Tuesday 1 December 2026, 14:30 Europe/Berlin"
  std::string note;  // what the clocks' change does to it; "" mostly
  std::vector<other> others;
};

struct planned_time {
  timestamp at;
  std::optional<std::string> recurrence;    // in its canonical form
  std::optional<timestamp> recurs_from;     // as reminder::recurs_from
  std::optional<understanding> understood;  // of a phrase
};

// invalid_argument with the field. The first time of a series is the first at or after what was said that its rule has.
result<planned_time> plan_time(const time_wish& wish, const std::string& time_zone, timestamp now);

// "20m", "1h", "3h", "tomorrow", "next_week", or a phrase. invalid_argument with the field.
result<planned_time> plan_snooze(const std::string& choice, const std::string& time_zone, timestamp now);

result<void> check_time_zone(const std::string& name);

// When a series comes next after that; none when it is over. invalid_argument when this process does not know its rule
// or time zone: one with other data may.
result<std::optional<timestamp>> next_time(const reminder& series, timestamp after);

}  // namespace meridian::reminders
