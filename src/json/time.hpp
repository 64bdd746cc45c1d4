// Times as requests write them.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace meridian::json {

// RFC 3339: "2026-11-23T08:15:30Z", with or without a fraction (of which six digits count) and with an offset in place
// of the Z. None for anything else, for a leap second, and for years before 1.
std::optional<timestamp> parse_time(std::string_view text);

}  // namespace meridian::json
