// What comes again.
#include <algorithm>

#include "calendar/days.hpp"
#include "calendar/english_parts.hpp"
#include "calendar/english_words.hpp"

namespace meridian::calendar::english {
namespace {

using std::chrono::Friday;
using std::chrono::Monday;
using std::chrono::Saturday;
using std::chrono::Sunday;
using std::chrono::weekday;

std::vector<rule_day> days_between(weekday first, weekday last) {
  std::vector<rule_day> days;
  for (auto day = first; days.size() < 7; ++day) {
    days.push_back({day});
    if (day == last) {
      break;
    }
  }
  return days;
}

recurrence weekly_on(std::vector<rule_day> days) {
  return {.each = frequency::weekly, .days = std::move(days)};
}

bool take_workdays(cursor& at) {
  return at.take_any({"weekday", "weekdays", "workday", "workdays"}) || at.take_all({"working", "day"}) ||
         at.take_all({"business", "day"}) || at.take_all({"work", "day"}) || at.take_all({"working", "days"}) ||
         at.take_all({"business", "days"});
}

std::optional<weekday> read_any_weekday(cursor& at) {
  const auto* here = at.peek();
  const auto found = here == nullptr ? std::nullopt : weekday_of(here->text);
  if (found) {
    at.take();
    at.take(".");
  }
  return found;
}

bool take_separator(cursor& at) {
  const bool is_comma = at.take_any({",", "/"});
  return at.take_any({"and", "&"}) || is_comma;
}

// "monday and thursday", "mon, wed, fri", "monday to friday"
std::optional<std::vector<rule_day>> read_weekdays(cursor& at) {
  const auto first = read_any_weekday(at);
  if (!first) {
    return std::nullopt;
  }
  if (at.take_any({"to", "-", "through"})) {
    const auto last = read_any_weekday(at);
    return last ? std::optional(days_between(*first, *last)) : std::nullopt;
  }
  std::vector<rule_day> days{{*first}};
  for (auto before = at.position(); days.size() < 7 && take_separator(at); before = at.position()) {
    at.take_any({"on", "every"});
    const auto more = read_any_weekday(at);
    if (!more) {
      at.go_back(before);
      break;
    }
    if (std::ranges::find(days, rule_day{*more}) == days.end()) {
      days.push_back({*more});
    }
  }
  return days;
}

// "1st", "1st and 15th", "last day", "last friday", "first weekday": of a month
bool read_days_of_month(cursor& at, recurrence& rule) {
  at.take("the");
  if (at.take_all({"last", "day"})) {
    rule.month_days = {-1};
    return true;
  }
  const auto before = at.position();
  if (const auto nth = read_ordinal(at)) {
    if (take_workdays(at)) {
      rule.days = days_between(Monday, Friday);
      rule.position = nth;
      return true;
    }
    if (const auto day = read_weekday(at)) {
      rule.days = {{*day, *nth}};
      return true;
    }
    at.go_back(before);
  }
  const auto first = read_month_day(at, true);
  if (!first) {
    return false;
  }
  std::vector<int> days{static_cast<int>(*first)};
  for (auto here = at.position(); days.size() < 31 && take_separator(at); here = at.position()) {
    at.take("the");
    const auto more = read_month_day(at, true);
    if (!more) {
      at.go_back(here);
      break;
    }
    days.push_back(static_cast<int>(*more));
  }
  std::ranges::sort(days);
  days.erase(std::ranges::unique(days).begin(), days.end());
  if (days.size() == 1) {
    set_month_day(rule, days.front());
  } else {
    rule.month_days = days;
  }
  return true;
}

// "of the month", "of every month", "each month"; with `or_bare`, nothing is fine too.
bool take_of_month(cursor& at, bool or_bare) {
  const auto before = at.position();
  const bool is_of = at.take_any({"of", "in"});
  if (at.take_any({"every", "each"}) || (is_of && at.take_any({"the", "a"}))) {
    if (at.take("month")) {
      return true;
    }
  }
  at.go_back(before);
  return or_bare;
}

// "march 3", "3 march", "the first monday of september": of a year
bool read_day_of_year(cursor& at, recurrence& rule) {
  at.take("the");
  if (const auto month = read_month(at)) {
    at.take("the");
    rule.months = {static_cast<int>(*month)};
    const auto day = read_month_day(at, false);
    rule.month_days = {static_cast<int>(day.value_or(1))};
    return day.has_value();
  }
  const auto nth = attempt(at, [](cursor& here) -> std::optional<rule_day> {
    const auto number = read_ordinal(here);
    const auto day = number ? read_weekday(here) : std::nullopt;
    return day ? std::optional(rule_day{*day, *number}) : std::nullopt;
  });
  const auto day = nth ? std::nullopt : read_month_day(at, false);
  if (!nth && !day) {
    return false;
  }
  at.take_any({"of", "in"});
  const auto month = read_month(at);
  if (!month) {
    return false;
  }
  rule.months = {static_cast<int>(*month)};
  if (nth) {
    rule.days = {*nth};
  } else {
    rule.month_days = {static_cast<int>(*day)};
  }
  return true;
}

// "on tuesday", "on the 1st", "on March 3", behind the period.
bool read_tail(cursor& at, recurrence& rule) {
  const auto before = at.position();
  if (!at.take("on")) {
    return true;
  }
  auto longer = rule;
  bool is_read = false;
  if (rule.each == frequency::weekly) {
    if (take_workdays(at)) {
      longer.days = days_between(Monday, Friday);
      is_read = true;
    } else if (auto days = read_weekdays(at)) {
      longer.days = std::move(*days);
      is_read = true;
    }
  } else if (rule.each == frequency::monthly) {
    is_read = read_days_of_month(at, longer);
  } else if (rule.each == frequency::yearly) {
    is_read = read_day_of_year(at, longer);
  }
  if (is_read) {
    rule = std::move(longer);
  } else {
    at.go_back(before);
  }
  return is_read;
}

std::optional<recurrence> read_period(cursor& at, int interval) {
  const auto* here = at.peek();
  const auto unit = here == nullptr ? std::nullopt : unit_of(here->text);
  if (!unit || here->text.size() == 1) {
    return std::nullopt;
  }
  recurrence rule{.interval = interval * unit->times};
  switch (unit->of) {
    case unit::day:
      rule.each = frequency::daily;
      break;
    case unit::week:
      rule.each = frequency::weekly;
      break;
    case unit::month:
      rule.each = frequency::monthly;
      break;
    case unit::year:
      rule.each = frequency::yearly;
      break;
    default:
      return std::nullopt;
  }
  if (rule.interval > rule_interval_max) {
    return std::nullopt;
  }
  at.take();
  return read_tail(at, rule) ? std::optional(rule) : std::nullopt;
}

// "every" is taken: other, second, 3, third.
int read_interval(cursor& at) {
  if (at.take_any({"other", "second"})) {
    return 2;
  }
  const auto before = at.position();
  const auto* here = at.peek();
  if (here != nullptr && here->what == token::kind::number) {
    at.take();
    at.take_any({"st", "nd", "rd", "th"});
    const auto* next = at.peek();
    const bool counts = next != nullptr && (unit_of(next->text) || weekday_of(next->text));
    if (counts && here->value >= 1 && here->value <= rule_interval_max) {
      return here->value;
    }
    at.go_back(before);
    return 1;
  }
  const auto number = here == nullptr ? std::nullopt : number_of(here->text);
  const auto ordinal = here == nullptr ? std::nullopt : ordinal_of(here->text);
  if (number && here->text != "a") {
    at.take();
    return *number;
  }
  if (ordinal && *ordinal >= 3) {
    at.take();
    return *ordinal;
  }
  return 1;
}

std::optional<day_part> read_every_part(cursor& at) {
  const auto* here = at.peek();
  return here != nullptr && here->text != "in" && here->text != "at" ? read_part(at) : std::nullopt;
}

// "last friday", "second friday of the month", "15th"; but "second friday" alone is every other one.
std::optional<recurrence> read_every_of_month(cursor& at) {
  const auto* first = at.peek();
  const bool is_edge = first != nullptr && (first->text == "last" || first->text == "first");
  const bool is_number = first != nullptr && first->what == token::kind::number;
  recurrence rule{.each = frequency::monthly};
  if (!read_days_of_month(at, rule) || !take_of_month(at, is_edge || (is_number && rule.days.empty()))) {
    return std::nullopt;
  }
  const auto* next = at.peek();
  const bool is_counted = next != nullptr && (unit_of(next->text) || weekday_of(next->text));
  return is_counted ? std::nullopt : std::optional(rule);
}

// What stands behind "every".
std::optional<spoken_rule> read_every(cursor& at) {
  // "every march 3", "every first monday of september"
  const auto of_year = attempt(at, [](cursor& here) -> std::optional<recurrence> {
    recurrence rule{.each = frequency::yearly};
    return read_day_of_year(here, rule) ? std::optional(rule) : std::nullopt;
  });
  if (of_year) {
    return spoken_rule{*of_year};
  }
  if (const auto of_month = attempt(at, read_every_of_month)) {
    return spoken_rule{*of_month};
  }
  const int interval = read_interval(at);
  if (auto period = read_period(at, interval)) {
    return spoken_rule{std::move(*period)};
  }
  recurrence rule;
  if (take_workdays(at) && interval == 1) {
    rule = weekly_on(days_between(Monday, Friday));
  } else if (at.take_any({"weekend", "weekends"}) && interval == 1) {
    rule = weekly_on(days_between(Saturday, Sunday));
  } else if (const auto part = read_every_part(at); part && interval == 1) {
    return spoken_rule{{.each = frequency::daily}, part};
  } else if (auto days = read_weekdays(at)) {
    rule = weekly_on(std::move(*days));
    rule.interval = interval;
  } else {
    return std::nullopt;
  }
  return spoken_rule{std::move(rule)};
}

// "daily", "weekly on monday", "monthly on the 1st", "annually"
std::optional<spoken_rule> read_adverb(cursor& at) {
  recurrence rule;
  if (at.take("daily")) {
    rule.each = frequency::daily;
  } else if (at.take("weekly")) {
    rule.each = frequency::weekly;
  } else if (at.take("fortnightly")) {
    rule.each = frequency::weekly;
    rule.interval = 2;
  } else if (at.take("monthly")) {
    rule.each = frequency::monthly;
  } else if (at.take("quarterly")) {
    rule.each = frequency::monthly;
    rule.interval = 3;
  } else if (at.take_any({"yearly", "annually"})) {
    rule.each = frequency::yearly;
  } else {
    return std::nullopt;
  }
  return read_tail(at, rule) ? std::optional(spoken_rule{std::move(rule)}) : std::nullopt;
}

// "mondays", "on weekdays", "on mondays and thursdays", "weekends"
std::optional<spoken_rule> read_plural(cursor& at) {
  at.take("on");
  const auto* here = at.peek();
  if (here == nullptr) {
    return std::nullopt;
  }
  if (at.take_any({"weekdays", "workdays"})) {
    return spoken_rule{weekly_on(days_between(Monday, Friday))};
  }
  if (at.take("weekends")) {
    return spoken_rule{weekly_on(days_between(Saturday, Sunday))};
  }
  auto days = is_plural_weekday(here->text) ? read_weekdays(at) : std::nullopt;
  return days ? std::optional(spoken_rule{weekly_on(std::move(*days))}) : std::nullopt;
}

// "on the last friday of the month", "the 1st of every month"
std::optional<spoken_rule> read_of_every_month(cursor& at) {
  at.take("on");
  recurrence rule{.each = frequency::monthly};
  if (!read_days_of_month(at, rule) || !take_of_month(at, false)) {
    return std::nullopt;
  }
  return spoken_rule{std::move(rule)};
}

}  // namespace

std::optional<spoken_rule> read_rule(cursor& at) {
  if (const auto monthly = attempt(at, read_of_every_month)) {
    return monthly;
  }
  if (const auto plural = attempt(at, read_plural)) {
    return plural;
  }
  if (const auto adverb = attempt(at, read_adverb)) {
    return adverb;
  }
  return attempt(at, [](cursor& here) -> std::optional<spoken_rule> {
    here.take("on");
    return here.take_any({"every", "each"}) ? read_every(here) : std::nullopt;
  });
}

}  // namespace meridian::calendar::english
