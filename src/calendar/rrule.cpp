// The only user of libical: it reads rules and counts through the calendar. Its global state is left alone: times are
// given to it without a zone ("floating"), and zones are ours.
#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include <fmt/core.h>
#include <libical/ical.h>

#include "calendar/recurrence.hpp"

namespace meridian::calendar {
namespace {

using std::chrono::days;
using std::chrono::floor;

constexpr std::string_view accepted =
    "Accepted: an RRULE of RFC 5545 that comes daily or less often, such as FREQ=WEEKLY;BYDAY=MO,TH, with INTERVAL, "
    "COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS.";

// A count of at most 1,000 and daily ones for ten years are less.
constexpr int steps_max = 5000;

error no_rule(std::string what) {
  return {errc::invalid_argument, "recurrence " + std::move(what), std::string(accepted), "recurrence"};
}

struct iterator_end {
  void operator()(icalrecur_iterator* one) const { icalrecur_iterator_free(one); }
};
using rule_iterator = std::unique_ptr<icalrecur_iterator, iterator_end>;

icaltimetype to_floating(local_time time) {
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  auto floating = icaltime_null_time();
  floating.year = static_cast<int>(date.year());
  floating.month = static_cast<int>(static_cast<unsigned>(date.month()));
  floating.day = static_cast<int>(static_cast<unsigned>(date.day()));
  floating.hour = static_cast<int>(clock.hours().count());
  floating.minute = static_cast<int>(clock.minutes().count());
  floating.second = static_cast<int>(clock.seconds().count());
  return floating;
}

local_time from_floating(const icaltimetype& floating) {
  using namespace std::chrono;
  const auto date = year(floating.year) / month(static_cast<unsigned>(floating.month)) /
                    std::chrono::day(static_cast<unsigned>(floating.day));
  return local_days(date) + hours(floating.hour) + minutes(floating.minute) + seconds(floating.second);
}

// The text is checked before libical sees it: only these parts, each once.
result<void> check_parts(std::string_view text) {
  constexpr std::array<std::string_view, 9> parts{"FREQ",       "INTERVAL", "COUNT",    "UNTIL", "BYDAY",
                                                  "BYMONTHDAY", "BYMONTH",  "BYSETPOS", "WKST"};
  std::set<std::string_view> seen;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(';'));
    const auto name = part.substr(0, part.find('='));
    if (std::ranges::find(parts, name) == parts.end()) {
      return no_rule(fmt::format("has a part that is not understood: {}", name.substr(0, 20)));
    }
    if (!seen.insert(name).second) {
      return no_rule(fmt::format("has {} twice", name));
    }
    if (part == "WKST=MO" || name != "WKST") {
      text.remove_prefix(std::min(text.size(), part.size() + 1));
      continue;
    }
    return no_rule("begins its weeks on another day than Monday");
  }
  return {};
}

template <std::size_t Size>
std::vector<int> numbers_of(const short (&values)[Size]) {  // NOLINT(modernize-avoid-c-arrays): libical's
  const auto* end = std::find(std::begin(values), std::end(values), short{ICAL_RECURRENCE_ARRAY_MAX});
  return {std::begin(values), end};
}

result<void> read_lists(const icalrecurrencetype& read, recurrence& rule) {
  for (const auto value : numbers_of(read.by_day)) {
    const auto day = icalrecurrencetype_day_day_of_week(static_cast<short>(value));
    const auto nth = icalrecurrencetype_day_position(static_cast<short>(value));
    rule.days.push_back({std::chrono::weekday(static_cast<unsigned>(day) - 1), nth});
  }
  rule.month_days = numbers_of(read.by_month_day);
  rule.months = numbers_of(read.by_month);
  const auto positions = numbers_of(read.by_set_pos);
  if (positions.size() > 1) {
    return no_rule("has more than one BYSETPOS");
  }
  if (!positions.empty()) {
    rule.position = positions.front();
  }
  return {};
}

result<recurrence> to_recurrence(const icalrecurrencetype& read) {
  recurrence rule;
  switch (read.freq) {
    case ICAL_DAILY_RECURRENCE:
      rule.each = frequency::daily;
      break;
    case ICAL_WEEKLY_RECURRENCE:
      rule.each = frequency::weekly;
      break;
    case ICAL_MONTHLY_RECURRENCE:
      rule.each = frequency::monthly;
      break;
    case ICAL_YEARLY_RECURRENCE:
      rule.each = frequency::yearly;
      break;
    case ICAL_NO_RECURRENCE:
      return no_rule("is no rule");
    default:
      return no_rule("comes more often than daily");
  }
  rule.interval = read.interval;
  if (read.count > 0) {
    rule.count = read.count;
  }
  if (!icaltime_is_null_time(read.until)) {
    auto until = read.until;
    if (until.is_date != 0) {
      until.hour = 23;
      until.minute = 59;
      until.second = 59;
    }
    rule.until = {from_floating(until), icaltime_is_utc(read.until) != 0};
  }
  MERIDIAN_CHECK(read_lists(read, rule));
  return rule;
}

// Rules that libical reads in ways of its own, or that cost it a tenth of a second to find nothing.
result<void> check_sense(const recurrence& rule) {
  const bool monthly = rule.each == frequency::monthly;
  const bool yearly = rule.each == frequency::yearly;
  if (rule.interval < 1 || rule.interval > rule_interval_max) {
    return no_rule(fmt::format("has an INTERVAL that is not 1 to {}", rule_interval_max));
  }
  if (rule.count.value_or(1) < 1 || rule.count.value_or(1) > rule_count_max) {
    return no_rule(fmt::format("has a COUNT that is not 1 to {}", rule_count_max));
  }
  const auto is_nth = [](const rule_day& one) { return one.nth != 0; };
  const auto is_far = [](const rule_day& one) { return one.nth < -5 || one.nth > 5; };
  if (std::ranges::any_of(rule.days, is_far) ||
      (std::ranges::any_of(rule.days, is_nth) && !monthly && (!yearly || rule.months.empty()))) {
    return no_rule("has a BYDAY with a number that is no month's");
  }
  if (!rule.month_days.empty() && !monthly && !yearly) {
    return no_rule("has BYMONTHDAY but comes neither monthly nor yearly");
  }
  if (rule.position && (rule.days.empty() && rule.month_days.empty())) {
    return no_rule("has BYSETPOS without days to choose from");
  }
  if (rule.position && !monthly && !yearly) {
    return no_rule("has BYSETPOS but comes neither monthly nor yearly");
  }
  if (rule.each == frequency::daily && rule.interval > 1 && (!rule.days.empty() || !rule.months.empty())) {
    return no_rule("counts days and chooses among them");
  }
  return {};
}

// Without its end, which is looked at here, and with the horizon's.
rule_iterator iterate(const recurrence& rule, local_time start) {
  auto without_end = rule;
  without_end.until.reset();
  auto read = icalrecurrencetype_from_string(to_rrule(without_end).c_str());
  if (!rule.count) {
    read.until = to_floating(local_time(floor<std::chrono::seconds>(horizon).time_since_epoch()));
  }
  return rule_iterator(icalrecur_iterator_new(read, to_floating(start)));
}

// A later start of the same series, not after `before`: daily and weekly ones need not be counted through.
local_time skip_ahead(const recurrence& rule, local_time start, local_time before) {
  const bool steady = rule.each == frequency::daily || rule.each == frequency::weekly;
  if (rule.count || !steady || before <= start) {
    return start;
  }
  const days period(rule.interval * (rule.each == frequency::weekly ? 7 : 1));
  const auto periods = (before - start) / period;
  return periods > 1 ? start + period * (periods - 1) : start;
}

bool is_over(const recurrence& rule, const occurrence& one) {
  if (one.at >= horizon) {
    return true;
  }
  if (!rule.until) {
    return false;
  }
  const local_time time =
      rule.until->is_utc ? local_time(floor<std::chrono::seconds>(one.at).time_since_epoch()) : one.local;
  return time > rule.until->time;
}

}  // namespace

result<recurrence> parse_recurrence(std::string_view text) {
  if (text.size() > rule_size_max) {
    return no_rule(fmt::format("is longer than {} letters", rule_size_max));
  }
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  const auto is_allowed = [](char letter) {
    return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') || letter == ';' || letter == ',' ||
           letter == '=' || letter == '+' || letter == '-';
  };
  if (upper.starts_with("RRULE:")) {
    upper.erase(0, std::string_view("RRULE:").size());
  }
  if (upper.empty() || !std::ranges::all_of(upper, is_allowed)) {
    return no_rule("is no rule");
  }
  MERIDIAN_CHECK(check_parts(upper));
  const auto read = icalrecurrencetype_from_string(upper.c_str());
  icalerror_clear_errno();
  MERIDIAN_TRY(auto rule, to_recurrence(read));
  MERIDIAN_CHECK(check_sense(rule));
  // In each period from a leap year's first day, to find what comes only then.
  auto each_period = rule;
  each_period.interval = 1;
  const auto probe = iterate(each_period, std::chrono::local_days(std::chrono::year(2024) / 1 / 1));
  icalerror_clear_errno();
  if (!probe || icaltime_is_null_time(icalrecur_iterator_next(probe.get()))) {
    return no_rule("never comes");
  }
  return rule;
}

std::optional<occurrence> next_after(const recurrence& rule, local_time start, const zone& where, timestamp after) {
  if (after >= horizon) {
    return std::nullopt;
  }
  const auto iterator = iterate(rule, skip_ahead(rule, start, where.to_local(after)));
  icalerror_clear_errno();
  for (int step = 0; iterator && step < steps_max; ++step) {
    const auto floating = icalrecur_iterator_next(iterator.get());
    if (icaltime_is_null_time(floating)) {
      return std::nullopt;
    }
    const auto local = from_floating(floating);
    const occurrence one{local, where.to_instant(local).at};
    if (is_over(rule, one)) {
      return std::nullopt;
    }
    if (one.at > after) {
      return one;
    }
  }
  return std::nullopt;
}

}  // namespace meridian::calendar
