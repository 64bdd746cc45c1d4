// For how long a reminder is put off.
#pragma once

#include <array>
#include <string_view>

#include "calendar/phrase.hpp"

namespace meridian::calendar {

// 20 minutes, 1 and 3 hours from now; tomorrow and next Monday at 09:00 on the zone's clocks.
inline constexpr std::array<std::string_view, 5> snooze_choices{"20m", "1h", "3h", "tomorrow", "next_week"};

// One of the choices, or a phrase that is no series. Errors as of understand.
result<understood_phrase> snooze_until(
    std::string_view choice, std::string_view locale, const zone& where, timestamp now
);

}  // namespace meridian::calendar
