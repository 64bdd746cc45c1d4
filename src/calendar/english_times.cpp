// Waits and clocks.
#include <array>

#include "calendar/english_parts.hpp"
#include "calendar/english_words.hpp"

namespace meridian::calendar::english {
namespace {

using half = clock_intent::half;

constexpr int amount_max = 99999;

// In quarters, so that "an hour and a half" is whole.
std::optional<int> read_whole(cursor& at) {
  if (const auto digits = at.take_number(0, amount_max)) {
    for (const auto& [tenths, quarters] : {std::pair(5, 2), std::pair(25, 1), std::pair(75, 3), std::pair(0, 0)}) {
      if (at.take_glued(".", tenths, tenths)) {
        return *digits * 4 + quarters;
      }
    }
    return *digits * 4;
  }
  const auto* here = at.peek();
  const auto number = here == nullptr ? std::nullopt : number_of(here->text);
  if (!number) {
    return std::nullopt;
  }
  at.take();
  // "forty five", "forty-five"
  if (*number >= 20 && *number % 10 == 0) {
    const auto before = at.position();
    at.take("-");
    const auto* next = at.peek();
    const auto ones = next == nullptr ? std::nullopt : number_of(next->text);
    if (ones && *ones < 10 && next->text != "a" && next->text != "an") {
      at.take();
      return (*number + *ones) * 4;
    }
    at.go_back(before);
  }
  return *number * 4;
}

std::optional<int> read_amount(cursor& at) {
  if (at.take_all({"half", "an"}) || at.take_all({"half", "a"}) || at.take_all({"a", "half"})) {
    return 2;
  }
  if (at.take_all({"a", "quarter", "of", "an"}) || at.take_all({"quarter", "of", "an"})) {
    return 1;
  }
  if (at.take_all({"three", "quarters", "of", "an"})) {
    return 3;
  }
  if (at.take_all({"a", "couple", "of"}) || at.take_all({"a", "couple"})) {
    return 2 * 4;
  }
  const auto whole = read_whole(at);
  if (whole && at.take_all({"and", "a", "half"})) {
    return *whole + 2;
  }
  return whole;
}

// Halves and quarters are of hours and minutes, and of days when they are whole hours.
bool add(time_span& span, int quarters, unit_word of) {
  constexpr std::array<int, 4> seconds{1, 60, 3600, 86400};
  quarters *= of.times;
  const bool is_whole = quarters % 4 == 0;
  switch (of.of) {
    case unit::second:
    case unit::minute:
    case unit::hour:
      span.seconds += std::int64_t{quarters} * seconds.at(static_cast<std::size_t>(of.of)) / 4;
      span.is_fine = span.is_fine || of.of == unit::second;
      return is_whole || of.of != unit::second;
    case unit::day:
      span.days += quarters / 4;
      span.seconds += std::int64_t{quarters % 4} * (86400 / 4);
      return true;
    case unit::week:
      span.days += quarters / 4 * 7;
      return is_whole;
    case unit::month:
      span.months += quarters / 4;
      return is_whole;
    case unit::year:
      span.months += quarters * 3;
      return true;
  }
  return false;
}

std::optional<unit_word> read_unit(cursor& at) {
  const auto* here = at.peek();
  const auto found = here == nullptr ? std::nullopt : unit_of(here->text);
  if (found) {
    at.take();
  }
  return found;
}

bool read_one(cursor& at, time_span& span) {
  const auto quarters = read_amount(at);
  if (!quarters) {
    return false;
  }
  const auto of = read_unit(at);
  if (!of) {
    return false;
  }
  const bool is_half_more = at.take_all({"and", "a", "half"});
  return add(span, *quarters + (is_half_more ? 2 : 0), *of);
}

// "1h30", where it can't be a time of day; false for what is one.
bool read_bare_minutes(cursor& at, time_span& span, bool is_said) {
  const auto* here = at.peek();
  if (here == nullptr || here->what != token::kind::number || !here->glued) {
    return true;
  }
  const auto minutes = is_said ? at.take_number(0, 59) : std::nullopt;
  span.seconds += minutes.value_or(0) * std::int64_t{60};
  return minutes.has_value();
}

std::optional<time_span> read_span(cursor& at, bool is_said) {
  time_span span;
  if (!read_one(at, span)) {
    return std::nullopt;
  }
  for (int more = 0; more < 5; ++more) {
    const auto before = at.position();
    at.take_any({",", "and"});
    auto longer = span;
    if (!read_one(at, longer)) {
      at.go_back(before);
      break;
    }
    span = longer;
  }
  return read_bare_minutes(at, span, is_said) ? std::optional(span) : std::nullopt;
}

// "am", "p.m."; true for the afternoon.
std::optional<bool> read_half(cursor& at) {
  for (const auto& [word, letter, is_pm] : {std::tuple("am", "a", false), std::tuple("pm", "p", true)}) {
    if (at.take(word)) {
      return is_pm;
    }
    if (at.take_all({letter, ".", "m"})) {
      at.take(".");
      return is_pm;
    }
  }
  return std::nullopt;
}

std::optional<clock_intent> read_named(cursor& at) {
  if (at.take_any({"noon", "midday", "lunchtime", "lunch"})) {
    return clock_intent{12};
  }
  if (at.take("midnight")) {
    return clock_intent{24};
  }
  if (at.take_any({"eod", "cob"}) || at.take_all({"end", "of", "day"}) || at.take_all({"end", "of", "the", "day"}) ||
      at.take_all({"the", "end", "of", "the", "day"}) || at.take_all({"close", "of", "business"}) ||
      at.take_all({"end", "of", "business"})) {
    return clock_intent{17};
  }
  return std::nullopt;
}

// An hour that a clock face shows; 24 hours when written so.
clock_intent on_the_face(int hour, int minute) {
  return {hour, minute, 0, hour >= 1 && hour <= 11 ? half::unsaid : half::known};
}

std::optional<int> read_hour_word(cursor& at) {
  if (const auto digits = at.take_number(1, 12)) {
    return digits;
  }
  const auto* here = at.peek();
  const auto number = here == nullptr ? std::nullopt : number_of(here->text);
  if (!number || *number > 12 || here->text == "a" || here->text == "an") {
    return std::nullopt;
  }
  at.take();
  return number;
}

std::optional<clock_intent> with_half(int hour, int minute, bool is_pm) {
  if (hour < 1 || hour > 12) {
    return std::nullopt;
  }
  return clock_intent{hour % 12 + (is_pm ? 12 : 0), minute};
}

// "half past nine", "quarter to 6pm", "ten past 5"
std::optional<clock_intent> read_spoken(cursor& at) {
  std::optional<int> minutes;
  if (at.take("half")) {
    minutes = 30;
  } else if (at.take("quarter") || at.take_all({"a", "quarter"})) {
    minutes = 15;
  } else {
    const auto quarters = read_whole(at);
    at.take_any({"minutes", "min"});
    minutes = quarters && *quarters % 4 == 0 && *quarters > 0 && *quarters < 240 ? std::optional(*quarters / 4)
                                                                                 : std::nullopt;
  }
  if (!minutes) {
    return std::nullopt;
  }
  const bool is_past = at.take_any({"past", "after"});
  if (!is_past && !at.take_any({"to", "before"})) {
    return std::nullopt;
  }
  const auto hour = read_hour_word(at);
  if (!hour) {
    return std::nullopt;
  }
  const int behind_midnight = *hour * 60 + (is_past ? *minutes : -*minutes);
  const int spoken = behind_midnight / 60 % 12 == 0 ? 12 : behind_midnight / 60;
  const auto is_pm = read_half(at);
  return is_pm ? with_half(spoken, behind_midnight % 60, *is_pm) : on_the_face(spoken, behind_midnight % 60);
}

// "9:30", "14:30:15", "9.30am", "14h30"
std::optional<clock_intent> read_with_minutes(cursor& at, bool is_said) {
  const auto* here = at.peek();
  const bool is_two_digits = here != nullptr && here->text.size() == 2;
  const auto hour = at.take_number(0, 24);
  if (!hour) {
    return std::nullopt;
  }
  auto minute = at.take_glued(":", 0, 59);
  bool needs_half = false;
  if (!minute) {
    minute = at.take_glued("h", 0, 59);
  }
  if (!minute) {
    minute = at.take_glued(".", 0, 59);
    needs_half = minute.has_value() && !is_said;
  }
  if (!minute) {
    return std::nullopt;
  }
  const auto second = at.take_glued(":", 0, 59);
  if (const auto is_pm = read_half(at)) {
    return with_half(*hour, *minute, *is_pm);
  }
  if (needs_half || (*hour == 24 && *minute > 0)) {
    return std::nullopt;
  }
  at.take("h");
  const auto of = is_two_digits || *hour < 1 ? half::known : *hour <= 6 ? half::unsaid : half::likely;
  return clock_intent{*hour, *minute, second.value_or(0), of};
}

// "9am", "5 o'clock", "at 5", "at 0930"
std::optional<clock_intent> read_bare(cursor& at, bool is_said) {
  const auto* here = at.peek();
  if (here != nullptr && here->what == token::kind::number && here->text.size() == 4 && is_said &&
      here->value / 100 < 24 && here->value % 100 < 60) {
    at.take();
    at.take_any({"h", "hrs", "hours"});
    return clock_intent{here->value / 100, here->value % 100};
  }
  const bool is_two_digits = here != nullptr && here->text.starts_with('0');
  const bool is_word = here != nullptr && here->what == token::kind::word;
  const auto hour = is_word ? read_hour_word(at) : at.take_number(0, 24);
  if (!hour) {
    return std::nullopt;
  }
  if (const auto is_pm = read_half(at)) {
    return with_half(*hour, 0, *is_pm);
  }
  const bool is_o_clock = at.take_any({"o'clock", "oclock"});
  // "8 tonight", "9 in the morning"
  const auto* next = at.peek();
  const bool is_beside_day = next != nullptr && (next->text == "tonight" || next->text == "today" ||
                                                 next->text == "tomorrow" || next->text == "in");
  if (!is_o_clock && !is_said && !is_beside_day) {
    return std::nullopt;
  }
  return is_two_digits ? clock_intent{*hour} : on_the_face(*hour, 0);
}

}  // namespace

std::optional<spoken_wait> read_wait(cursor& at) {
  return attempt(at, [](cursor& here) -> std::optional<spoken_wait> {
    const bool is_said = here.take_any({"in", "for", "after"});
    const auto span = read_span(here, is_said);
    if (!span) {
      return std::nullopt;
    }
    if (!is_said && here.take_any({"from", "after"})) {
      return spoken_wait{*span, !here.take("now")};
    }
    if (here.take_all({"from", "now"}) || here.take("later")) {
      return spoken_wait{*span};
    }
    return spoken_wait{*span};
  });
}

std::optional<clock_intent> read_clock(cursor& at, bool may_be_bare) {
  return attempt(at, [may_be_bare](cursor& here) -> std::optional<clock_intent> {
    const bool is_said = here.take_any({"at", "@", "by", "around"}) || may_be_bare;
    here.take("the");
    if (const auto named = attempt(here, read_named)) {
      return named;
    }
    if (const auto spoken = attempt(here, read_spoken)) {
      return spoken;
    }
    const auto minutes = [is_said](cursor& where) { return read_with_minutes(where, is_said); };
    if (const auto read = attempt(here, minutes)) {
      return read;
    }
    return read_bare(here, is_said);
  });
}

std::optional<day_part> read_part(cursor& at) {
  return attempt(at, [](cursor& here) -> std::optional<day_part> {
    if (!here.take_all({"in", "the"})) {
      here.take_any({"in", "at", "the"});
    }
    if (here.take_any({"morning", "mornings"})) {
      return day_part::morning;
    }
    if (here.take_any({"afternoon", "afternoons"})) {
      return day_part::afternoon;
    }
    if (here.take_any({"evening", "evenings"})) {
      return day_part::evening;
    }
    if (here.take_any({"night", "nights"})) {
      return day_part::night;
    }
    return std::nullopt;
  });
}

}  // namespace meridian::calendar::english
