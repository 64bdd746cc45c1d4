#include "calendar/phrase.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "calendar/language.hpp"
#include "calendar/resolve.hpp"

namespace meridian::calendar {
namespace {

using std::chrono::seconds;

std::string say_clock(local_time time, bool with_seconds) {
  const std::chrono::hh_mm_ss clock(time - std::chrono::floor<std::chrono::days>(time));
  const auto text = fmt::format("{:02}:{:02}", clock.hours().count(), clock.minutes().count());
  return with_seconds && clock.seconds().count() != 0 ? fmt::format("{}:{:02}", text, clock.seconds().count()) : text;
}

// "UTC+02:00"
std::string say_offset(timestamp at, const zone& where) {
  const auto offset = where.to_local(at).time_since_epoch() - std::chrono::floor<seconds>(at).time_since_epoch();
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(offset).count();
  return fmt::format("UTC{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60);
}

struct speaker {
  const language& words;
  const zone& where;
  bool with_seconds;

  std::string time(timestamp at, bool with_offset) const {
    const auto local = where.to_local(at);
    const auto clock = say_clock(local, with_seconds);
    return fmt::format(
        "{}, {} {}{}", words.say_date(local), clock, with_offset ? say_offset(at, where) + " " : "", where.name()
    );
  }

  std::string series(const recurrence& rule, local_time start) const {
    return words.say_first(words.say_rule(rule, start), say_clock(start, true), where.name(), words.say_date(start));
  }
};

struct placed_reading {
  reading read;
  placed_time::kind how;
};

// One candidate is two readings when its clock's time comes twice.
std::vector<placed_reading> readings_of(const candidate& one, const speaker& say) {
  if (one.rule) {
    return {{{*one.at, one.local, one.rule, say.series(*one.rule, one.local)}, placed_time::kind::exact}};
  }
  if (one.at) {
    return {{{*one.at, one.local, std::nullopt, say.time(*one.at, false)}, placed_time::kind::exact}};
  }
  const auto placed = say.where.to_instant(one.local);
  const bool is_twice = placed.again.has_value();
  std::vector<placed_reading> readings{{{placed.at, one.local, std::nullopt, say.time(placed.at, is_twice)}, placed.how}
  };
  if (is_twice) {
    readings.push_back({{*placed.again, one.local, std::nullopt, say.time(*placed.again, true)}, placed.how});
  }
  return readings;
}

bool is_among(const std::vector<placed_reading>& readings, const reading& one) {
  return std::ranges::any_of(readings, [&](const placed_reading& other) { return other.read.at == one.at; });
}

std::string note_for(const placed_reading& chosen, const speaker& say) {
  const auto clock = say_clock(chosen.read.local, false);
  switch (chosen.how) {
    case placed_time::kind::gap:
      return say.words.say_gap(clock);
    case placed_time::kind::overlap:
      return say.words.say_overlap(clock);
    default:
      return {};
  }
}

}  // namespace

error not_understood(std::string what) {
  return {
      errc::invalid_argument, "when " + std::move(what),
      "Accepted: such as in 15 minutes · tomorrow at 9am · next Tuesday 14:30 · 24 December at 18:00 · every weekday "
      "at 10 · on the last Friday of the month.",
      "when"
  };
}

error too_far() {
  return not_understood("is too far ahead: times until the end of 2036 are kept");
}

result<understood_phrase> understand(
    std::string_view phrase, std::string_view locale, const zone& where, timestamp now
) {
  const auto& words = language_of(locale);
  MERIDIAN_TRY(auto tokens, tokens_of(phrase));
  MERIDIAN_TRY(const auto read, words.read(cursor(std::move(tokens)), region_of(locale)));
  MERIDIAN_TRY(const auto candidates, candidates_of(read, where, now));
  const bool is_fine = (read.wait && read.wait->is_fine) || (read.clock && read.clock->second != 0);
  const speaker say{words, where, is_fine};
  std::vector<placed_reading> ahead;
  std::optional<timestamp> past;
  bool is_too_far = false;
  for (const auto& one : candidates) {
    for (auto& read_so : one.is_fallback && !ahead.empty() ? std::vector<placed_reading>() : readings_of(one, say)) {
      const auto at = read_so.read.at;
      is_too_far = is_too_far || at >= horizon;
      past = at <= now && !past ? at : past;
      if (at > now && at < horizon && !is_among(ahead, read_so.read)) {
        ahead.push_back(std::move(read_so));
      }
    }
  }
  if (ahead.empty()) {
    return past && !is_too_far ? not_understood("is past: " + say.time(*past, false)) : too_far();
  }
  understood_phrase understood{{ahead.front().read}, {}, note_for(ahead.front(), say)};
  for (std::size_t i = 1; i < std::min(ahead.size(), readings_max + 1); ++i) {
    understood.ambiguous.push_back(std::move(ahead[i].read));
  }
  return understood;
}

std::string say_time(timestamp at, std::string_view locale, const zone& where) {
  return speaker{language_of(locale), where, false}.time(at, false);
}

std::string say_series(const recurrence& rule, local_time start, std::string_view locale, const zone& where) {
  return speaker{language_of(locale), where, false}.series(rule, start);
}

}  // namespace meridian::calendar
