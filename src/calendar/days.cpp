#include "calendar/days.hpp"

#include <algorithm>

#include "calendar/phrase.hpp"

namespace meridian::calendar {
namespace {

using std::chrono::days;
using std::chrono::weekday;
using std::chrono::year_month;
using std::chrono::year_month_day;
using found = std::vector<found_day>;

// 29 February may be eight years away.
constexpr int years_max = 8;

// 0 on Monday
days since_monday(weekday day) {
  return day - std::chrono::Monday;
}

local_day monday_of(local_day day) {
  return day - since_monday(weekday(day));
}

year_month month_of(local_day day) {
  const year_month_day date(day);
  return date.year() / date.month();
}

error no_such_day() {
  return not_understood("names a day that the calendar does not have");
}

std::optional<local_day> day_in(year_month month, unsigned day) {
  const auto date = month / std::chrono::day(day);
  return date.ok() ? std::optional(local_day(date)) : std::nullopt;
}

std::optional<local_day> nth_in(year_month month, int nth, weekday day) {
  if (nth < 0) {
    return local_day(month / day[std::chrono::last]);
  }
  const auto date = month / day[static_cast<unsigned>(nth)];
  return date.ok() ? std::optional(local_day(date)) : std::nullopt;
}

result<found> one(std::optional<local_day> day) {
  if (!day) {
    return no_such_day();
  }
  return found{{*day}};
}

// The first two of these that are not before today; the second is for when the first is today and past.
template <class Next>
result<found> coming(local_day today, int tries, Next next) {
  found days_found;
  for (int i = 0; i < tries && days_found.size() < 2; ++i) {
    if (const auto day = next(i); day && *day >= today) {
      days_found.push_back({*day, !days_found.empty()});
    }
  }
  if (days_found.empty()) {
    return no_such_day();
  }
  return days_found;
}

struct finder {
  local_day today;

  result<found> operator()(const days_ahead& meant) const { return one(today + days(meant.days)); }

  result<found> operator()(const named_weekday& meant) const {
    const auto nearest = today + (meant.day - weekday(today));
    const auto next_week = monday_of(today) + days(7) + since_monday(meant.day);
    if (meant.one == named_weekday::which::coming) {
      return nearest == today ? found{{nearest}, {nearest + days(7)}} : found{{nearest}};
    }
    return nearest == next_week || nearest == today ? found{{next_week}} : found{{next_week}, {nearest}};
  }

  result<found> operator()(const weeks_ahead& meant) const {
    return one(monday_of(today) + days(7 * meant.weeks) + since_monday(meant.day));
  }

  result<found> operator()(const calendar_date& meant) const {
    const auto in = [&](int year, unsigned month, unsigned day) {
      return day_in(std::chrono::year(year) / std::chrono::month(month), day);
    };
    const int this_year = static_cast<int>(year_month_day(today).year());
    const auto read = [&](unsigned month, unsigned day) {
      return meant.year ? one(in(*meant.year, month, day))
                        : coming(today, years_max + 1, [&](int i) { return in(this_year + i, month, day); });
    };
    auto as_said = read(meant.month, meant.day);
    if (as_said && meant.may_be_swapped) {
      if (const auto swapped = read(meant.day, meant.month)) {
        as_said->push_back(swapped->front());
      }
    }
    return as_said;
  }

  result<found> operator()(const month_day& meant) const {
    if (meant.months_ahead) {
      return one(day_in(month_of(today) + std::chrono::months(*meant.months_ahead), meant.day));
    }
    return coming(today, 12, [&](int i) { return day_in(month_of(today) + std::chrono::months(i), meant.day); });
  }

  result<found> operator()(const nth_weekday& meant) const {
    if (meant.months_ahead) {
      return one(nth_in(month_of(today) + std::chrono::months(*meant.months_ahead), meant.nth, meant.day));
    }
    const auto this_year = year_month_day(today).year();
    return coming(today, years_max, [&](int i) {
      return nth_in(
          (this_year + std::chrono::years(i)) / std::chrono::month(meant.month.value_or(1)), meant.nth, meant.day
      );
    });
  }

  result<found> operator()(const month_edge& meant) const {
    const auto month = month_of(today) + std::chrono::months(meant.months_ahead);
    return one(meant.is_end ? local_day(month / std::chrono::last) : local_day(month / std::chrono::day(1)));
  }

  result<found> operator()(const year_edge& meant) const {
    const auto year = year_month_day(today).year() + std::chrono::years(meant.years_ahead);
    return one(meant.is_end ? local_day(year / 12 / 31) : local_day(year / 1 / 1));
  }
};

}  // namespace

result<std::vector<found_day>> days_of(const day_intent& meant, local_day today) {
  return std::visit(finder{today}, meant);
}

local_day plus_months(local_day day, int months) {
  const year_month_day date(day);
  const auto month = date.year() / date.month() + std::chrono::months(months);
  const auto moved = month / date.day();
  return moved.ok() ? local_day(moved) : local_day(month / std::chrono::last);
}

void set_month_day(recurrence& rule, int day) {
  rule.month_days = {day};
  if (day > 28) {
    rule.month_days.clear();
    for (int one_day = 28; one_day <= day; ++one_day) {
      rule.month_days.push_back(one_day);
    }
    rule.position = -1;
  }
}

}  // namespace meridian::calendar
