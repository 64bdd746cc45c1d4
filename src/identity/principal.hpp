// Who asks: a signed-in profile.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "topology/topology.hpp"

namespace meridian::identity {

// Made by the guard out of a session that was confirmed within the last 5 s. Ids of it may go straight into statements.
struct principal {
  std::int64_t profile_id = 0;
  std::int64_t main_profile_id = 0;        // the same person's first profile
  const topology::region* home = nullptr;  // where the profile, the account and the session rest
  timestamp session_expires_at;
  std::uint64_t session_number = 0;  // which of the profile's sessions: the first 8 octets of the token's hash
};

}  // namespace meridian::identity
