#include "messaging/invitation.hpp"

#include <charconv>

#include <fmt/core.h>

#include "base/ids.hpp"
#include "runtime/crypto.hpp"

namespace meridian::messaging {
namespace {

constexpr std::string_view mark = "i1.";
constexpr std::size_t secret_bytes = 32;

}  // namespace

std::string make_invitation_token(int region_number, std::string_view secret) {
  return fmt::format("{}{}.{}", mark, region_number, to_base64url(secret));
}

std::optional<int> find_region_of_token(std::string_view token) {
  if (!token.starts_with(mark)) {
    return std::nullopt;
  }
  token.remove_prefix(mark.size());
  int number = 0;
  const auto [end, failed] = std::from_chars(token.data(), token.data() + token.size(), number);
  token.remove_prefix(static_cast<std::size_t>(end - token.data()));
  if (failed != std::errc() || number < 1 || number > region_number_max || !token.starts_with('.')) {
    return std::nullopt;
  }
  const auto secret = from_base64url(token.substr(1));
  return secret && secret->size() == secret_bytes ? std::optional(number) : std::nullopt;
}

}  // namespace meridian::messaging
