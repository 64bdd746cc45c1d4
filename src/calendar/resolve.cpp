#include "calendar/resolve.hpp"

#include <algorithm>
#include <array>

#include "calendar/days.hpp"
#include "calendar/phrase.hpp"

namespace meridian::calendar {
namespace {

using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

using half = clock_intent::half;

// More than until the horizon, and little enough to count with.
constexpr int months_max = 50 * 12;
constexpr int days_max = 50 * 366;
constexpr std::int64_t seconds_max = days_max * std::int64_t{86400};

seconds time_at(int hour, int minute = 0, int second = 0) {
  return hours(hour) + minutes(minute) + seconds(second);
}

seconds default_of(day_part part) {
  constexpr std::array<int, 4> hour_of{9, 15, 18, 20};
  return time_at(hour_of.at(static_cast<std::size_t>(part)));
}

bool is_today(const std::optional<day_intent>& day) {
  const auto* ahead = day ? std::get_if<days_ahead>(&*day) : nullptr;
  return ahead != nullptr && ahead->days == 0;
}

// An hour of the face in its part of the day.
int hour_in(day_part part, int hour) {
  if (part == day_part::morning) {
    return hour;
  }
  return part == day_part::night && hour < 6 ? hour : hour + 12;
}

// Since the day began, the likelier first.
std::vector<seconds> times_of(const intent& read) {
  if (!read.clock) {
    return {read.part ? default_of(*read.part) : time_at(is_today(read.day) ? 17 : 9)};
  }
  const auto& clock = *read.clock;
  const auto with = [&](int hour) { return time_at(hour, clock.minute, clock.second); };
  if (clock.hour == 24) {
    return read.rule ? std::vector{with(0)} : std::vector{with(24), with(0)};
  }
  if (read.part == day_part::night && clock.hour == 12) {
    return {with(24)};
  }
  if (clock.of == half::known) {
    return {with(clock.hour)};
  }
  if (read.part) {
    return {with(hour_in(*read.part, clock.hour))};
  }
  if (clock.of == half::likely) {
    return {with(clock.hour)};
  }
  return clock.hour < 7 ? std::vector{with(clock.hour + 12), with(clock.hour)}
                        : std::vector{with(clock.hour), with(clock.hour + 12)};
}

// The months' shorter end is their last day.
local_time moved(local_time from, const time_span& span) {
  const auto day = floor<std::chrono::days>(from);
  return plus_months(day, span.months) + std::chrono::days(span.days) + (from - day);
}

result<std::vector<candidate>> wait_candidates(const intent& read, const zone& where, timestamp now) {
  const auto& span = *read.wait;
  const auto here = where.to_local(now);
  const bool is_on_a_day = read.clock || read.part || read.day;
  if (is_on_a_day && span.seconds != 0) {
    return not_understood("says both how long from now and at what time");
  }
  if (span.months > months_max || span.days > days_max || span.seconds > seconds_max) {
    return too_far();
  }
  if (!is_on_a_day) {
    const bool is_by_clock = span.months != 0 || span.days != 0;
    const auto begin = is_by_clock ? where.to_instant(moved(here, span)).at : floor<seconds>(now);
    const auto at = begin + seconds(span.seconds);
    return std::vector{candidate{where.to_local(at), at}};
  }
  std::vector<local_day> days{floor<std::chrono::days>(here)};
  if (read.day) {
    MERIDIAN_TRY(const auto found, days_of(*read.day, floor<std::chrono::days>(here)));
    days.front() = found.front().day;
  }
  // "2 weeks from tomorrow" without a time: as for any day.
  std::vector<candidate> found;
  for (const auto time : times_of(read)) {
    found.push_back({moved(local_time(days.front()), span) + time});
  }
  return found;
}

result<std::vector<candidate>> day_candidates(const intent& read, const zone& where, timestamp now) {
  const auto today = floor<std::chrono::days>(where.to_local(now));
  std::vector<found_day> days{{today}, {today + std::chrono::days(1), true}};
  if (read.day) {
    MERIDIAN_TRY(days, days_of(*read.day, today));
  }
  // Midnight without a day is the next one.
  const bool is_midnight = read.clock && read.clock->hour == 24 && !read.day;
  std::vector<candidate> found;
  for (const auto time : times_of(read)) {
    std::optional<local_time> chosen;
    for (const auto& one : days) {
      const local_time local = one.day + time;
      const bool is_ahead = where.to_instant(local).at > now;
      if (!read.day && (chosen || !is_ahead)) {
        continue;
      }
      chosen = local;
      found.push_back({.local = local, .is_fallback = one.is_fallback && read.day.has_value()});
    }
    if (is_midnight) {
      break;
    }
  }
  return found;
}

// Where the phrase leaves open on which day: on that of `first`.
recurrence filled(recurrence rule, local_day first) {
  const std::chrono::year_month_day date(first);
  const auto day = static_cast<int>(static_cast<unsigned>(date.day()));
  if (!rule.days.empty() || !rule.month_days.empty()) {
    return rule;
  }
  if (rule.each == frequency::weekly) {
    rule.days = {{std::chrono::weekday(first)}};
  } else if (rule.each == frequency::monthly) {
    set_month_day(rule, day);
  } else if (rule.each == frequency::yearly) {
    rule.months = {static_cast<int>(static_cast<unsigned>(date.month()))};
    rule.month_days = {day};
  }
  return rule;
}

result<std::vector<candidate>> rule_candidates(const intent& read, const zone& where, timestamp now) {
  const auto today = floor<std::chrono::days>(where.to_local(now));
  auto first_day = today;
  if (read.first) {
    MERIDIAN_TRY(const auto found, days_of(*read.first, today));
    first_day = found.front().day;
  }
  auto rule = filled(*read.rule, first_day);
  if (read.last) {
    MERIDIAN_TRY(const auto found, days_of(*read.last, today));
    rule.until = rule_end{found.front().day + time_at(23, 59, 59)};
  }
  // Each period until the first is found; from there on, each that the rule says.
  auto each_period = rule;
  each_period.interval = 1;
  each_period.count.reset();
  std::vector<candidate> found;
  for (const auto time : times_of(read)) {
    const auto first = next_after(each_period, first_day + time, where, now);
    if (first) {
      found.push_back({.local = first->local, .at = first->at, .rule = rule});
    }
  }
  if (found.empty()) {
    return not_understood("ends before it comes a first time");
  }
  return found;
}

}  // namespace

result<std::vector<candidate>> candidates_of(const intent& read, const zone& where, timestamp now) {
  if (read.rule) {
    return rule_candidates(read, where, now);
  }
  return read.wait ? wait_candidates(read, where, now) : day_candidates(read, where, now);
}

}  // namespace meridian::calendar
