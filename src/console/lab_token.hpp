// Who may press the lab's buttons, proven without asking a database: the one that knows the session may be the one that
// was just killed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace meridian::console {

inline constexpr std::chrono::hours lab_token_lifetime{1};

struct lab_permit {
  std::int64_t profile_id;
  timestamp expires_at;
};

// "PROFILE.SECONDS.MAC": any process of the topology that has the key reads it.
std::string make_lab_token(const lab_permit& permit, std::string_view key);

// None for one that was not made with this key, or is over.
std::optional<lab_permit> read_lab_token(std::string_view token, std::string_view key, timestamp now);

}  // namespace meridian::console
