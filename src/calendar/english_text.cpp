#include "calendar/english_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "calendar/english_words.hpp"

namespace meridian::calendar::english {
namespace {

using std::chrono::weekday;
using std::chrono::year_month_day;

year_month_day date_of(local_time time) {
  return year_month_day(std::chrono::floor<std::chrono::days>(time));
}

weekday weekday_of_time(local_time time) {
  return weekday(std::chrono::floor<std::chrono::days>(time));
}

// "a", "a and b", "a, b and c"
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  }
  return text;
}

std::string name_of_day(const rule_day& one) {
  return one.nth == 0 ? std::string(name_of(one.day))
                      : fmt::format(
                            "{} {}",
                            one.nth < -1 ? fmt::format("{} to last", name_of_ordinal(-one.nth))
                                         : std::string(name_of_ordinal(one.nth)),
                            name_of(one.day)
                        );
}

std::string names_of(const std::vector<rule_day>& days) {
  std::vector<std::string> names;
  for (const auto& one : days) {
    names.push_back(name_of_day(one));
  }
  return joined(names);
}

std::string number_of_day(int day) {
  if (day < 0) {
    return day == -1 ? "last day" : fmt::format("{}{} to last day", -day, ordinal_ending(-day));
  }
  return fmt::format("{}{}", day, ordinal_ending(day));
}

bool are_workdays(const std::vector<rule_day>& days) {
  const auto is_workday = [](const rule_day& one) {
    return one.nth == 0 && one.day != std::chrono::Saturday && one.day != std::chrono::Sunday;
  };
  return days.size() == 5 && std::ranges::all_of(days, is_workday);
}

std::string period_of(const recurrence& rule) {
  constexpr std::array<std::string_view, 4> units{"day", "week", "month", "year"};
  const auto unit = units.at(static_cast<std::size_t>(rule.each));
  return rule.interval == 1 ? fmt::format("every {}", unit) : fmt::format("every {} {}s", rule.interval, unit);
}

// 28,29,30,31 with position -1: the 31st, or a shorter month's last day.
bool is_clamped(const recurrence& rule) {
  const auto& days = rule.month_days;
  const bool counts_up =
      std::ranges::adjacent_find(days, [](int one, int next) { return next != one + 1; }) == days.end();
  return rule.position == -1 && days.size() > 1 && days.front() == 28 && counts_up && rule.days.empty();
}

std::string month_days_of(const recurrence& rule) {
  if (is_clamped(rule)) {
    return fmt::format("the {}, or the last day of a shorter month", number_of_day(rule.month_days.back()));
  }
  std::vector<std::string> days;
  for (const int day : rule.month_days) {
    days.push_back(number_of_day(day));
  }
  return "the " + joined(days);
}

std::string position_of(int position) {
  if (position == -1) {
    return "last";
  }
  return position < 0 ? fmt::format("{}{} to last", -position, ordinal_ending(-position))
                      : fmt::format("{}{}", position, ordinal_ending(position));
}

// What is chosen within a month: "the last Friday", "the 1st and 15th", "the last weekday".
std::string within_month(const recurrence& rule) {
  if (!rule.days.empty() && rule.month_days.empty()) {
    const bool is_plain = std::ranges::all_of(rule.days, [](const rule_day& one) { return one.nth == 0; });
    if (rule.position) {
      const auto days = are_workdays(rule.days) ? std::string("weekday") : names_of(rule.days);
      return fmt::format("the {} {}", position_of(*rule.position), days);
    }
    return (is_plain ? "every " : "the ") + names_of(rule.days);
  }
  auto text = month_days_of(rule);
  if (!rule.days.empty()) {
    text += fmt::format(" when it is {}", names_of(rule.days));
  }
  if (rule.position && !is_clamped(rule)) {
    text += fmt::format(", the {} of these", position_of(*rule.position));
  }
  return text;
}

std::string months_of(const recurrence& rule) {
  std::vector<std::string> names;
  for (const int month : rule.months) {
    names.emplace_back(name_of_month(static_cast<unsigned>(month)));
  }
  return joined(names);
}

std::string say_weekly(const recurrence& rule, local_time start) {
  const auto days = rule.days.empty() ? std::vector{rule_day{weekday_of_time(start)}} : rule.days;
  const auto names = are_workdays(days) ? std::string("weekday") : names_of(days);
  return rule.interval == 1 ? "every " + names
                            : fmt::format("{} on {}{}", period_of(rule), names, are_workdays(days) ? "s" : "");
}

std::string say_yearly(const recurrence& rule, local_time start) {
  const auto date = date_of(start);
  const auto month = static_cast<unsigned>(date.month());
  if (!rule.days.empty() && rule.months.empty()) {
    return fmt::format("{} on {}", period_of(rule), within_month(rule));
  }
  if (rule.days.empty() && rule.months.size() < 2 && rule.month_days.size() < 2 && !rule.position &&
      (rule.month_days.empty() || rule.month_days.front() > 0)) {
    const auto day =
        rule.month_days.empty() ? static_cast<int>(static_cast<unsigned>(date.day())) : rule.month_days.front();
    const auto named = rule.months.empty() ? month : static_cast<unsigned>(rule.months.front());
    return rule.months.empty() && !rule.month_days.empty()
               ? fmt::format("{}, in each month on the {}", period_of(rule), number_of_day(day))
               : fmt::format("{} on {} {}", period_of(rule), day, name_of_month(named));
  }
  const auto days = rule.days.empty() && rule.month_days.empty()
                        ? "the " + number_of_day(static_cast<int>(static_cast<unsigned>(date.day())))
                        : within_month(rule);
  return fmt::format("{} on {} of {}", period_of(rule), days, rule.months.empty() ? "each month" : months_of(rule));
}

std::string say_period(const recurrence& rule, local_time start) {
  switch (rule.each) {
    case frequency::daily:
      return rule.days.empty() ? period_of(rule) : "every " + names_of(rule.days);
    case frequency::weekly:
      return say_weekly(rule, start);
    case frequency::monthly: {
      const auto day = static_cast<int>(static_cast<unsigned>(date_of(start).day()));
      const bool is_open = rule.days.empty() && rule.month_days.empty();
      return fmt::format("{} on {}", period_of(rule), is_open ? "the " + number_of_day(day) : within_month(rule));
    }
    default:
      return say_yearly(rule, start);
  }
}

}  // namespace

std::string say_date(local_time time) {
  const auto date = date_of(time);
  return fmt::format(
      "{} {} {} {}", name_of(weekday_of_time(time)), static_cast<unsigned>(date.day()),
      name_of_month(static_cast<unsigned>(date.month())), static_cast<int>(date.year())
  );
}

std::string say_rule(const recurrence& rule, local_time start) {
  auto text = say_period(rule, start);
  if (rule.each != frequency::yearly && !rule.months.empty()) {
    text += " in " + months_of(rule);
  }
  if (rule.count) {
    text += *rule.count == 1 ? ", once" : fmt::format(", {} times", *rule.count);
  }
  if (rule.until) {
    text += ", until " + say_date(rule.until->time);
  }
  return text;
}

std::string say_first(std::string_view rule, std::string_view clock, std::string_view zone, std::string_view date) {
  return fmt::format("{} at {} {}, first on {}", rule, clock, zone, date);
}

std::string say_gap(std::string_view clock) {
  return fmt::format("{} does not exist on that day: clocks go forward over it", clock);
}

std::string say_overlap(std::string_view clock) {
  return fmt::format("{} comes twice on that day: clocks go back over it; this is the first", clock);
}

}  // namespace meridian::calendar::english
