// Invitations: links that let their holder into a workspace.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "messaging/role.hpp"
#include "topology/topology.hpp"

namespace meridian::messaging {

inline constexpr std::chrono::seconds invitation_duration_max = std::chrono::days(30);
inline constexpr std::int64_t invitation_uses_max = 10'000;

struct invitation {
  std::int64_t id = 0;
  std::int64_t workspace_id = 0;
  messaging::role role = role::guest;  // that who comes by it gets
  std::int64_t created_by = 0;
  timestamp created_at;
  timestamp expires_at;
  std::int64_t uses_max = 0;
  std::int64_t uses = 0;
  std::optional<timestamp> revoked_at;
  const topology::region* home = nullptr;
};

struct new_invitation {
  messaging::role role = role::member;
  std::chrono::seconds duration = std::chrono::days(7);
  std::int64_t uses_max = 1;
  std::optional<std::string> creation_key;  // a repeat with the same key answers with the first result
};

// Only whoever makes it sees the token.
struct opened_invitation {
  invitation row;
  std::string token;
  std::string url;  // "" where the product does not know its own
  bool is_new = false;
};

// What the holder of a token is told before he accepts.
struct invitation_preview {
  std::int64_t workspace_id = 0;
  std::string workspace_name;
  std::string workspace_url;
  messaging::role role = role::guest;
  timestamp expires_at;
  const topology::region* home = nullptr;
};

// "i1.3.SECRET": the region where the invitation rests, and 256 bits that nobody guesses.
std::string make_invitation_token(int region_number, std::string_view secret);

// The region's number; none for text that make_invitation_token never made.
std::optional<int> find_region_of_token(std::string_view token);

}  // namespace meridian::messaging
