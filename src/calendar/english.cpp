// The whole phrase: its parts in any order, each once.
#include "calendar/english.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/suggest.hpp"
#include "calendar/english_parts.hpp"
#include "calendar/english_text.hpp"
#include "calendar/phrase.hpp"

namespace meridian::calendar::english {
namespace {

constexpr int parts_max = 12;

struct progress {
  intent read;
  bool is_from_day = false;  // "a week from" was read: its day comes next
  bool is_of_24_hours = false;
  bool is_opened = false;  // "until" was read
};

// "until friday", "starting monday", "10 times": of a series.
bool read_bounds(cursor& at, std::string_view region, intent& read) {
  const auto before = at.position();
  if (!read.last && at.take_any({"until", "till"})) {
    if (const auto day = read_day(at, region)) {
      read.last = day->day;
      return true;
    }
  }
  at.go_back(before);
  if (!read.first && at.take_any({"starting", "beginning", "from"})) {
    if (const auto day = read_day(at, region)) {
      read.first = day->day;
      return true;
    }
  }
  at.go_back(before);
  if (!read.rule->count) {
    at.take("for");
    const auto count = at.take_number(1, rule_count_max);
    if (count && at.take("times")) {
      read.rule->count = *count;
      return true;
    }
  }
  at.go_back(before);
  return false;
}

bool read_rule_part(cursor& at, std::string_view region, progress& so_far) {
  auto& read = so_far.read;
  if (read.rule) {
    return read_bounds(at, region, read);
  }
  if (read.day || read.wait) {
    return false;
  }
  auto rule = read_rule(at);
  if (!rule) {
    return false;
  }
  read.rule = std::move(rule->rule);
  if (rule->part) {
    read.part = rule->part;
  }
  return true;
}

bool read_day_part(cursor& at, std::string_view region, progress& so_far) {
  auto& read = so_far.read;
  if (read.day || read.rule) {
    return false;
  }
  const auto day = read_day(at, region);
  if (!day || (day->part && read.part) || (day->clock && read.clock)) {
    return false;
  }
  read.day = day->day;
  read.part = day->part ? day->part : read.part;
  read.clock = day->clock ? day->clock : read.clock;
  so_far.is_of_24_hours = day->is_iso;
  so_far.is_from_day = false;
  return true;
}

bool read_wait_part(cursor& at, progress& so_far) {
  auto& read = so_far.read;
  if (read.wait || read.rule) {
    return false;
  }
  const auto wait = read_wait(at);
  if (!wait) {
    return false;
  }
  read.wait = wait->span;
  so_far.is_from_day = wait->is_from_day;
  return true;
}

bool read_next(cursor& at, std::string_view region, progress& so_far) {
  if (so_far.is_from_day) {
    return read_day_part(at, region, so_far);
  }
  if (read_rule_part(at, region, so_far) || read_wait_part(at, so_far) || read_day_part(at, region, so_far)) {
    return true;
  }
  auto& read = so_far.read;
  if (!read.part) {
    read.part = read_part(at);
    if (read.part) {
      return true;
    }
  }
  if (!read.clock) {
    read.clock = read_clock(at, read.day || read.rule || read.wait || so_far.is_opened);
    return read.clock.has_value();
  }
  return false;
}

error stumbled_at(const cursor& at) {
  static const std::vector<std::string> words{
      "tomorrow", "today",   "tonight",   "next",    "every",    "weekday",  "monday",  "tuesday", "wednesday",
      "thursday", "friday",  "saturday",  "sunday",  "january",  "february", "march",   "april",   "june",
      "july",     "august",  "september", "october", "november", "december", "minutes", "hours",   "weeks",
      "months",   "morning", "afternoon", "evening", "midnight", "noon",
  };
  const auto block = at.stumbling_block();
  if (block.empty()) {
    return not_understood(fmt::format("breaks off after \"{}\"", at.last().text));
  }
  const bool is_known = std::ranges::find(words, block) != words.end();
  return not_understood(
      fmt::format("is not understood at \"{}\"{}", block, is_known ? std::string() : did_you_mean(block, words))
  );
}

result<intent> read_phrase(cursor at, std::string_view region) {
  progress so_far;
  at.take_all({"remind", "me"});
  so_far.is_opened = at.take_any({"until", "till", "by"});
  for (int part = 0; part < parts_max && !at.is_at_end(); ++part) {
    at.take(",");
    if (!read_next(at, region, so_far)) {
      return stumbled_at(at);
    }
  }
  if (!at.is_at_end() || so_far.is_from_day) {
    return stumbled_at(at);
  }
  auto& read = so_far.read;
  if (!read.wait && !read.day && !read.clock && !read.part && !read.rule) {
    return stumbled_at(at);
  }
  if (read.clock && so_far.is_of_24_hours) {
    read.clock->of = clock_intent::half::known;
  }
  return std::move(read);
}

}  // namespace

const language spoken{
    .code = "en",
    .read = read_phrase,
    .say_date = say_date,
    .say_rule = say_rule,
    .say_first = say_first,
    .say_gap = say_gap,
    .say_overlap = say_overlap,
};

}  // namespace meridian::calendar::english
