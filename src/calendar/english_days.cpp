// Days.
#include <algorithm>

#include "calendar/english_parts.hpp"
#include "calendar/english_words.hpp"

namespace meridian::calendar::english {
namespace {

using which = named_weekday::which;

constexpr int year_min = 2000;
constexpr int year_max = 2100;

std::optional<int> read_year(cursor& at) {
  const auto before = at.position();
  at.take(",");
  const auto year = at.take_number(year_min, year_max);
  if (!year) {
    at.go_back(before);
  }
  return year;
}

// 2027-01-15, 2027-01-15T...
std::optional<spoken_day> read_iso_date(cursor& at) {
  const auto year = at.take_number(year_min, year_max);
  const auto month = year ? at.take_glued("-", 1, 12) : std::nullopt;
  const auto day = month ? at.take_glued("-", 1, 31) : std::nullopt;
  if (!day) {
    return std::nullopt;
  }
  const auto* here = at.peek();
  if (here != nullptr && here->glued && here->text == "t") {
    at.take();
  }
  return spoken_day{
      .day = calendar_date{*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)}, .is_iso = true
  };
}

// 24.12.2026, 24.12.
std::optional<spoken_day> read_dotted_date(cursor& at) {
  const auto day = at.take_number(1, 31);
  const auto month = day ? at.take_glued(".", 1, 12) : std::nullopt;
  if (!month) {
    return std::nullopt;
  }
  const auto year = at.take_glued(".", year_min, year_max);
  if (!year && !at.take(".")) {
    return std::nullopt;
  }
  return spoken_day{.day = calendar_date{year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)}};
}

// 12/24/2026, 24/12, 3/4
std::optional<spoken_day> read_slashed_date(cursor& at, std::string_view region) {
  const auto first = at.take_number(1, 31);
  const auto second = first ? at.take_glued("/", 1, 31) : std::nullopt;
  if (!second || (*first > 12 && *second > 12)) {
    return std::nullopt;
  }
  const auto year = at.take_glued("/", year_min, year_max);
  const bool month_first = *second > 12 || (*first <= 12 && region == "US");
  const auto month = static_cast<unsigned>(month_first ? *first : *second);
  const auto day = static_cast<unsigned>(month_first ? *second : *first);
  return spoken_day{.day = calendar_date{year, month, day, day <= 12 && day != month}};
}

// "24 December", "24th of Dec 2026", "December 24th, 2026"
std::optional<spoken_day> read_worded_date(cursor& at) {
  at.take("the");
  if (const auto month = read_month(at)) {
    at.take("the");
    const auto day = read_month_day(at, false);
    return day ? std::optional(spoken_day{.day = calendar_date{read_year(at), *month, *day}}) : std::nullopt;
  }
  const auto day = read_month_day(at, false);
  if (!day) {
    return std::nullopt;
  }
  at.take("of");
  const auto month = read_month(at);
  return month ? std::optional(spoken_day{.day = calendar_date{read_year(at), *month, *day}}) : std::nullopt;
}

// "of this month", "of next month"; 0 or 1.
std::optional<int> read_of_month(cursor& at) {
  return attempt(at, [](cursor& here) -> std::optional<int> {
    if (!here.take("of")) {
      return std::nullopt;
    }
    const bool is_next = here.take("next");
    if (!is_next && !here.take("this")) {
      return std::nullopt;
    }
    return here.take("month") ? std::optional(is_next ? 1 : 0) : std::nullopt;
  });
}

// "the 15th", "the 15th of next month"
std::optional<spoken_day> read_day_of_month(cursor& at) {
  at.take("the");
  const auto day = read_month_day(at, true);
  if (!day) {
    return std::nullopt;
  }
  const auto ahead = read_of_month(at);
  const auto* here = at.peek();
  if (here != nullptr && here->text == "of" && !ahead) {
    return std::nullopt;
  }
  return spoken_day{.day = month_day{*day, ahead}};
}

// "the last friday of next month", "the first monday of december"
std::optional<spoken_day> read_nth_weekday(cursor& at) {
  at.take("the");
  const auto nth = read_ordinal(at);
  const auto weekday = nth ? read_weekday(at) : std::nullopt;
  if (!weekday) {
    return std::nullopt;
  }
  if (const auto ahead = read_of_month(at)) {
    return spoken_day{.day = nth_weekday{*nth, *weekday, ahead}};
  }
  const auto month = at.take_any({"of", "in"}) ? read_month(at) : std::nullopt;
  return month ? std::optional(spoken_day{.day = nth_weekday{*nth, *weekday, std::nullopt, month}}) : std::nullopt;
}

// "the last day of next month", "end of the week", "eom"
std::optional<spoken_day> read_end(cursor& at) {
  const clock_intent close{17};
  if (at.take("eow")) {
    return spoken_day{.day = weeks_ahead{0, std::chrono::Friday}, .clock = close};
  }
  if (at.take("eom")) {
    return spoken_day{.day = month_edge{0, true}, .clock = close};
  }
  if (at.take("eoy")) {
    return spoken_day{.day = year_edge{0, true}, .clock = close};
  }
  at.take_any({"at", "by"});
  at.take("the");
  const bool is_day = at.take_all({"last", "day", "of"});
  if (!is_day && !at.take_all({"end", "of"})) {
    return std::nullopt;
  }
  const int ahead = at.take("next") ? 1 : 0;
  const bool is_bare = ahead == 0 && !at.take("this");
  // "The last day of the month" comes again; "the end of the month" does not.
  if (is_day && is_bare) {
    return std::nullopt;
  }
  at.take("the");
  const auto clock = is_day ? std::nullopt : std::optional(close);
  if (at.take("month")) {
    return spoken_day{.day = month_edge{ahead, true}, .clock = clock};
  }
  if (at.take("year")) {
    return spoken_day{.day = year_edge{ahead, true}, .clock = clock};
  }
  if (!is_day && at.take("week")) {
    return spoken_day{.day = weeks_ahead{ahead, std::chrono::Friday}, .clock = clock};
  }
  return std::nullopt;
}

// "next week", "next week on friday", "next month", "next year", "this weekend"
std::optional<spoken_day> read_period(cursor& at) {
  if (at.take_all({"this", "weekend"}) || at.take_all({"the", "weekend"})) {
    return spoken_day{.day = named_weekday{std::chrono::Saturday}};
  }
  if (!at.take("next")) {
    return std::nullopt;
  }
  if (at.take("week")) {
    const auto named = attempt(at, [](cursor& here) {
      here.take("on");
      return read_weekday(here);
    });
    return spoken_day{.day = weeks_ahead{1, named.value_or(std::chrono::Monday)}};
  }
  if (at.take("weekend")) {
    return spoken_day{.day = named_weekday{std::chrono::Saturday, which::next}};
  }
  if (at.take("month")) {
    const auto of_month = attempt(at, [](cursor& here) -> std::optional<unsigned> {
      here.take("on");
      here.take("the");
      return read_month_day(here, true);
    });
    return of_month ? spoken_day{.day = month_day{*of_month, 1}} : spoken_day{.day = month_edge{1}};
  }
  if (at.take("year")) {
    return spoken_day{.day = year_edge{1}};
  }
  return std::nullopt;
}

std::optional<spoken_day> read_named_weekday(cursor& at) {
  const bool is_next = at.take("next");
  if (!is_next) {
    at.take_any({"this", "coming"});
    at.take("coming");
  }
  const auto weekday = read_weekday(at);
  if (!weekday) {
    return std::nullopt;
  }
  if (at.take_all({"next", "week"})) {
    return spoken_day{.day = weeks_ahead{1, *weekday}};
  }
  if (at.take_all({"after", "next"})) {
    return spoken_day{.day = weeks_ahead{2, *weekday}};
  }
  return spoken_day{.day = named_weekday{*weekday, is_next ? which::next : which::coming}};
}

std::optional<spoken_day> read_near_day(cursor& at) {
  if (at.take("today")) {
    return spoken_day{.day = days_ahead{0}};
  }
  if (at.take_any({"tomorrow", "tmrw", "tmr"})) {
    return spoken_day{.day = days_ahead{1}};
  }
  if (at.take_all({"the", "day", "after", "tomorrow"}) || at.take_all({"day", "after", "tomorrow"})) {
    return spoken_day{.day = days_ahead{2}};
  }
  if (at.take("yesterday")) {
    return spoken_day{.day = days_ahead{-1}};
  }
  if (at.take("tonight")) {
    return spoken_day{.day = days_ahead{0}, .part = day_part::night};
  }
  if (at.take("this")) {
    const auto part = read_part(at);
    return part ? std::optional(spoken_day{.day = days_ahead{0}, .part = part}) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<unsigned> read_month_day(cursor& at, bool needs_ending) {
  return attempt(at, [needs_ending](cursor& here) -> std::optional<unsigned> {
    if (const auto digits = here.take_number(1, 31)) {
      const auto* next = here.peek();
      const bool has_ending = next != nullptr && next->glued && next->text == ordinal_ending(*digits);
      if (has_ending) {
        here.take();
      }
      const bool is_other = next != nullptr && next->glued && !has_ending && next->what == token::kind::word;
      return (has_ending || !needs_ending) && !is_other ? std::optional(static_cast<unsigned>(*digits)) : std::nullopt;
    }
    const auto* word = here.peek();
    const auto nth = word == nullptr ? std::nullopt : ordinal_of(word->text);
    if (!nth || *nth < 1) {
      return std::nullopt;
    }
    here.take();
    return static_cast<unsigned>(*nth);
  });
}

std::optional<int> read_ordinal(cursor& at) {
  return attempt(at, [](cursor& here) -> std::optional<int> {
    if (here.take("last")) {
      return -1;
    }
    const auto nth = read_month_day(here, true);
    return nth && *nth <= 5 ? std::optional(static_cast<int>(*nth)) : std::nullopt;
  });
}

std::optional<std::chrono::weekday> read_weekday(cursor& at) {
  const auto* here = at.peek();
  const auto found = here == nullptr || is_plural_weekday(here->text) ? std::nullopt : weekday_of(here->text);
  if (found) {
    at.take();
    at.take(".");
  }
  return found;
}

std::optional<unsigned> read_month(cursor& at) {
  const auto* here = at.peek();
  const auto found = here == nullptr ? std::nullopt : month_of(here->text);
  if (found) {
    at.take();
    at.take(".");
  }
  return found;
}

std::optional<spoken_day> read_day(cursor& at, std::string_view region) {
  return attempt(at, [region](cursor& here) -> std::optional<spoken_day> {
    const auto by_region = [region](cursor& where) { return read_slashed_date(where, region); };
    here.take("on");
    for (const auto& read :
         {read_near_day, read_iso_date, read_dotted_date, read_worded_date, read_nth_weekday, read_day_of_month,
          read_end, read_period, read_named_weekday}) {
      if (const auto found = attempt(here, read)) {
        return found;
      }
    }
    return attempt(here, by_region);
  });
}

}  // namespace meridian::calendar::english
