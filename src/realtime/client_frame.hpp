// What clients say on a live connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace meridian::realtime {

enum class request_kind : std::uint8_t { authenticate, follow, unfollow, watch, unwatch, look, away, typing, ping };

// Of one watch or unwatch.
inline constexpr std::size_t profiles_of_frame_max = 200;

struct client_frame {
  request_kind what = request_kind::ping;
  std::string token;                      // of authenticate
  std::int64_t channel_id = 0;            // of follow, unfollow, look, away and typing
  std::vector<std::int64_t> profile_ids;  // of watch and unwatch
};

// invalid_argument for anything else than one of these, with the field at fault.
result<client_frame> parse_client_frame(std::string_view text);

}  // namespace meridian::realtime
