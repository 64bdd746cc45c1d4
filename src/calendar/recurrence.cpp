#include "calendar/recurrence.hpp"

#include <array>

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace meridian::calendar {
namespace {

constexpr std::array<std::string_view, 4> frequencies{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
constexpr std::array<std::string_view, 7> day_letters{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

std::string letters_of(const rule_day& one) {
  const auto day = day_letters.at(one.day.c_encoding());
  return one.nth == 0 ? std::string(day) : fmt::format("{}{}", one.nth, day);
}

std::string letters_of(const rule_end& until) {
  const auto day = std::chrono::floor<std::chrono::days>(until.time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(until.time - day);
  return fmt::format(
      "{:04}{:02}{:02}T{:02}{:02}{:02}{}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
      until.is_utc ? "Z" : ""
  );
}

}  // namespace

std::string to_rrule(const recurrence& rule) {
  std::string text = fmt::format("FREQ={}", frequencies.at(static_cast<std::size_t>(rule.each)));
  if (rule.interval != 1) {
    text += fmt::format(";INTERVAL={}", rule.interval);
  }
  if (!rule.months.empty()) {
    text += fmt::format(";BYMONTH={}", fmt::join(rule.months, ","));
  }
  if (!rule.month_days.empty()) {
    text += fmt::format(";BYMONTHDAY={}", fmt::join(rule.month_days, ","));
  }
  if (!rule.days.empty()) {
    std::vector<std::string> days;
    for (const auto& one : rule.days) {
      days.push_back(letters_of(one));
    }
    text += fmt::format(";BYDAY={}", fmt::join(days, ","));
  }
  if (rule.position) {
    text += fmt::format(";BYSETPOS={}", *rule.position);
  }
  if (rule.count) {
    text += fmt::format(";COUNT={}", *rule.count);
  }
  if (rule.until) {
    text += fmt::format(";UNTIL={}", letters_of(*rule.until));
  }
  return text;
}

}  // namespace meridian::calendar
