#include "identity/token.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/ids.hpp"
#include "runtime/crypto.hpp"

namespace meridian::identity {
namespace {

constexpr std::string_view version = "m1.";
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t secret_size = 43;  // of its base64

bool is_base64url(char letter) {
  return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
         letter == '-' || letter == '_';
}

}  // namespace

std::string make_token(int region_number) {
  return fmt::format("{}{}.{}", version, region_number, random_secret(secret_bytes));
}

std::optional<known_token> parse_token(std::string_view text) {
  if (!text.starts_with(version)) {
    return std::nullopt;
  }
  const auto rest = text.substr(version.size());
  const auto dot = rest.find('.');
  if (dot == std::string_view::npos || dot == 0 || rest[0] == '0' || rest.size() != dot + 1 + secret_size) {
    return std::nullopt;
  }
  known_token found;
  const auto [end, failed] = std::from_chars(rest.data(), rest.data() + dot, found.region_number);
  const bool is_region = failed == std::errc() && end == rest.data() + dot && found.region_number > 0 &&
                         found.region_number <= region_number_max;
  if (!is_region || !std::ranges::all_of(rest.substr(dot + 1), is_base64url)) {
    return std::nullopt;
  }
  found.hash = sha256(text);
  return found;
}

std::uint64_t session_number_of(std::string_view hash) {
  std::uint64_t number = 0;
  for (const char octet : hash.substr(0, 8)) {
    number = number << 8 | static_cast<unsigned char>(octet);
  }
  return number;
}

std::string octets_of(std::uint64_t session_number) {
  std::string octets(8, '\0');
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    *octet = static_cast<char>(session_number & 0xff);
    session_number >>= 8;
  }
  return octets;
}

std::string text_of(std::uint64_t session_number) {
  return fmt::format("{:016x}", session_number);
}

std::optional<std::uint64_t> parse_session_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  const bool whole = digits.size() == 16 && failed == std::errc() && end == digits.data() + digits.size();
  return whole && text_of(number) == digits ? std::optional(number) : std::nullopt;
}

}  // namespace meridian::identity
