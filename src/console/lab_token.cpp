#include "console/lab_token.hpp"

#include <charconv>

#include <fmt/core.h>

#include "runtime/crypto.hpp"

namespace meridian::console {
namespace {

constexpr std::size_t token_size_max = 200;

// The first line keeps it apart from whatever else the key signs.
std::string mac_of(std::string_view permit, std::string_view key) {
  return to_base64url(keyed_digest(key, fmt::format("meridian lab token\n{}", permit)));
}

// Takes the number in front of the dot off the text.
std::optional<std::int64_t> take_number(std::string_view& text) {
  const auto dot = text.find('.');
  std::int64_t value = 0;
  const auto* end = text.data() + (dot == std::string_view::npos ? 0 : dot);
  const auto [read_to, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || read_to != end) {
    return std::nullopt;
  }
  text.remove_prefix(dot + 1);
  return value;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  unsigned difference = left.size() == right.size() ? 0 : 1;
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]);
  }
  return difference == 0;
}

}  // namespace

std::string make_lab_token(const lab_permit& permit, std::string_view key) {
  const auto until = std::chrono::floor<std::chrono::seconds>(permit.expires_at).time_since_epoch().count();
  const auto text = fmt::format("{}.{}", permit.profile_id, until);
  return fmt::format("{}.{}", text, mac_of(text, key));
}

std::optional<lab_permit> read_lab_token(std::string_view token, std::string_view key, timestamp now) {
  if (token.size() > token_size_max) {
    return std::nullopt;
  }
  auto rest = token;
  const auto profile = take_number(rest);
  const auto until = profile ? take_number(rest) : std::nullopt;
  if (!until || !equal_in_constant_time(rest, mac_of(token.substr(0, token.rfind('.')), key))) {
    return std::nullopt;
  }
  const lab_permit permit{*profile, timestamp(std::chrono::seconds(*until))};
  return permit.expires_at > now ? std::optional(permit) : std::nullopt;
}

}  // namespace meridian::console
