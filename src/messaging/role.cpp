#include "messaging/role.hpp"

#include <algorithm>
#include <array>

namespace meridian::messaging {
namespace {

constexpr std::array<std::string_view, 4> words{"guest", "member", "admin", "owner"};

}  // namespace

std::string_view to_string(role rank) {
  return words.at(static_cast<std::size_t>(rank));
}

std::optional<role> find_role(std::string_view word) {
  const auto* found = std::ranges::find(words, word);
  return found == words.end() ? std::nullopt : std::optional(static_cast<role>(found - words.begin()));
}

}  // namespace meridian::messaging
