#include "reminders/reminder_times.hpp"

#include <charconv>

#include "calendar/phrase.hpp"
#include "calendar/snooze.hpp"

namespace meridian::reminders {
namespace {

using calendar::local_time;
using namespace std::chrono_literals;

constexpr std::string_view locale = "en";  // the only one yet

// What the clocks show, as if it were UTC: how a rule's start is kept.
timestamp kept_of(local_time local) {
  return timestamp(local.time_since_epoch());
}

local_time local_of(timestamp kept) {
  return local_time(std::chrono::floor<std::chrono::seconds>(kept.time_since_epoch()));
}

understanding understanding_of(const calendar::understood_phrase& phrase) {
  understanding made{phrase.understood, phrase.note, {}};
  for (const auto& other : phrase.ambiguous) {
    made.others.push_back({other.at, other.understood});
  }
  return made;
}

// The rule's first time at or after `start`, which is also after now.
result<planned_time> planned_series(
    const calendar::recurrence& rule, local_time start, const calendar::zone& where, timestamp at, timestamp now
) {
  const auto first = calendar::next_after(rule, start, where, std::max(now, at - 1s));
  if (!first) {
    return error{
        errc::invalid_argument, "recurrence has no time to come", "Accepted: an RRULE that goes on.", "recurrence"
    };
  }
  planned_time made;
  made.at = first->at;
  made.recurrence = calendar::to_rrule(rule);
  made.recurs_from = kept_of(start);
  return made;
}

result<planned_time> plan_phrase(const time_wish& wish, const calendar::zone& where, timestamp now) {
  MERIDIAN_TRY(const auto phrase, calendar::understand(*wish.when, locale, where, now));
  if (phrase.rule && wish.recurrence) {
    return error{
        errc::invalid_argument, "when says how it recurs, and recurrence does too", "Send one of them.", "recurrence"
    };
  }
  planned_time made;
  made.at = phrase.at;
  if (phrase.rule) {
    made.recurrence = calendar::to_rrule(*phrase.rule);
    made.recurs_from = kept_of(phrase.local);
  } else if (wish.recurrence) {
    MERIDIAN_TRY(const auto rule, calendar::parse_recurrence(*wish.recurrence));
    MERIDIAN_TRY(made, planned_series(rule, phrase.local, where, phrase.at, now));
  }
  made.understood = understanding_of(phrase);
  return made;
}

// "20m", "3h", "2d": any number, besides the calendar's own choices.
std::optional<std::chrono::minutes> duration_of(std::string_view text) {
  constexpr int count_max = 100'000;
  int count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed != std::errc() || end + 1 != text.data() + text.size() || count < 1 || count > count_max) {
    return std::nullopt;
  }
  switch (*end) {
    case 'm':
      return std::chrono::minutes(count);
    case 'h':
      return std::chrono::hours(count);
    case 'd':
      return std::chrono::hours(24) * count;
    default:
      return std::nullopt;
  }
}

}  // namespace

result<planned_time> plan_time(const time_wish& wish, const std::string& time_zone, timestamp now) {
  if (wish.at.has_value() == wish.when.has_value()) {
    return error{
        errc::invalid_argument, wish.at ? "at and when exclude each other" : "there is no time",
        "Accepted: at, an RFC 3339 time, or when, as \"tomorrow at 9am\".", "when"
    };
  }
  MERIDIAN_TRY(const auto where, calendar::zone::find(time_zone));
  if (wish.when) {
    return plan_phrase(wish, where, now);
  }
  planned_time made;
  made.at = *wish.at;
  if (wish.recurrence) {
    MERIDIAN_TRY(const auto rule, calendar::parse_recurrence(*wish.recurrence));
    return planned_series(rule, where.to_local(made.at), where, made.at, now);
  }
  return made;
}

result<planned_time> plan_snooze(const std::string& choice, const std::string& time_zone, timestamp now) {
  planned_time made;
  if (const auto lasts = duration_of(choice)) {
    made.at = now + *lasts;
    return made;
  }
  MERIDIAN_TRY(const auto where, calendar::zone::find(time_zone));
  MERIDIAN_TRY(const auto phrase, calendar::snooze_until(choice, locale, where, now));
  made.at = phrase.at;
  made.understood = understanding_of(phrase);
  return made;
}

result<void> check_time_zone(const std::string& name) {
  MERIDIAN_CHECK(calendar::zone::find(name));
  return {};
}

result<std::optional<timestamp>> next_time(const reminder& series, timestamp after) {
  MERIDIAN_TRY(const auto rule, calendar::parse_recurrence(series.recurrence.value_or("")));
  MERIDIAN_TRY(const auto where, calendar::zone::find(series.time_zone.value_or("UTC")));
  const auto start = series.recurs_from ? local_of(*series.recurs_from) : where.to_local(series.notify_at);
  const auto next = calendar::next_after(rule, start, where, after);
  return next ? std::optional(next->at) : std::nullopt;
}

}  // namespace meridian::reminders
