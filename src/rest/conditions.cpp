#include "rest/conditions.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

namespace meridian::rest {
namespace {

constexpr std::size_t idempotency_key_size_max = 100;

bool is_visible(char letter) {
  return letter > ' ' && letter <= '~';
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

result<std::optional<std::int64_t>> if_match(const http::request& received) {
  const auto given = received.headers.find("If-Match");
  if (!given || *given == "*") {
    return std::optional<std::int64_t>();
  }
  std::int64_t version = 0;
  const auto digits = unquoted(*given);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (digits.size() == given->size() || failed != std::errc() || end != digits.data() + digits.size()) {
    return error{
        errc::invalid_argument, "If-Match is not an ETag of this API", "Send back the ETag that a read answered with.",
        "If-Match"
    };
  }
  return std::optional(version);
}

result<std::optional<std::string>> idempotency_key(const http::request& received) {
  const auto given = received.headers.find("Idempotency-Key");
  if (!given) {
    return std::optional<std::string>();
  }
  const auto key = unquoted(*given);
  if (key.empty() || key.size() > idempotency_key_size_max || !std::ranges::all_of(key, is_visible)) {
    return error{
        errc::invalid_argument, "Idempotency-Key is not a key",
        fmt::format("Send 1 to {} visible ASCII characters, such as a UUID.", idempotency_key_size_max),
        "Idempotency-Key"
    };
  }
  return std::optional(std::string(key));
}

bool is_known_version(const http::request& received, std::int64_t version) {
  const auto given = received.headers.find("If-None-Match");
  return given && *given == fmt::format("\"{}\"", version);
}

}  // namespace meridian::rest
