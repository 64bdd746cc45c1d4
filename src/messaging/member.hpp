// Who is in a workspace or a channel, and how he is shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "messaging/role.hpp"
#include "topology/topology.hpp"

namespace meridian::messaging {

// A profile as others see it.
struct person {
  std::int64_t id = 0;
  std::string full_name;
  std::string title;
  std::string time_zone;
  const topology::region* home = nullptr;
};

struct member {
  std::int64_t profile_id = 0;
  messaging::role role = role::guest;  // in the workspace
  timestamp joined_at;                 // the workspace, or the channel
  std::optional<person> profile;       // none while its region is missing
};

}  // namespace meridian::messaging
