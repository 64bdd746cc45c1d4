#include "calendar/snooze.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "calendar/resolve.hpp"

namespace meridian::calendar {
namespace {

std::optional<intent> intent_of(std::string_view choice) {
  intent meant;
  if (choice == "tomorrow") {
    meant.day = days_ahead{1};
  } else if (choice == "next_week") {
    meant.day = weeks_ahead{1};
  } else if (choice == "20m" || choice == "1h" || choice == "3h") {
    meant.wait.emplace().seconds = choice == "20m" ? 20 * 60 : choice == "1h" ? 3600 : 3 * 3600;
  } else {
    return std::nullopt;
  }
  return meant;
}

}  // namespace

result<understood_phrase> snooze_until(
    std::string_view choice, std::string_view locale, const zone& where, timestamp now
) {
  if (const auto meant = intent_of(choice)) {
    MERIDIAN_TRY(const auto candidates, candidates_of(*meant, where, now));
    const auto& first = candidates.front();
    const auto at = first.at ? *first.at : where.to_instant(first.local).at;
    return understood_phrase{{at, first.local, std::nullopt, say_time(at, locale, where)}, {}, {}};
  }
  auto understood = understand(choice, locale, where, now);
  if (!understood) {
    auto failure = understood.error();
    failure.remedy = fmt::format("Accepted: {}, or such as \"tomorrow at 2pm\".", fmt::join(snooze_choices, ", "));
    return failure;
  }
  if (understood->rule) {
    return not_understood("comes again and again; a reminder is put off until one time");
  }
  return understood;
}

}  // namespace meridian::calendar
