#include "rest/page.hpp"

#include <charconv>

#include <fmt/core.h>

#include "http/target.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "runtime/crypto.hpp"

namespace meridian::rest {
namespace {

constexpr std::size_t cursor_size_max = 1000;
constexpr std::size_t parts_max = 8;

// Parts may hold any text, so each is preceded by its size: "2:ab".
std::optional<position> parts_of(std::string_view text) {
  position parts;
  while (!text.empty() && parts.size() < parts_max) {
    std::size_t size = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), size);
    const auto head = static_cast<std::size_t>(end - text.data()) + 1;
    if (failed != std::errc() || head > text.size() || *end != ':' || size > text.size() - head) {
      return std::nullopt;
    }
    parts.emplace_back(text.substr(head, size));
    text.remove_prefix(head + size);
  }
  return text.empty() ? std::optional(std::move(parts)) : std::nullopt;
}

error not_a_cursor() {
  return {errc::invalid_argument, "cursor is not one that this list answered with", "Send back next_cursor.", "cursor"};
}

}  // namespace

std::string to_cursor(const position& behind) {
  std::string text;
  for (const auto& part : behind) {
    text += fmt::format("{}:{}", part.size(), part);
  }
  return to_base64url(text);
}

result<page_request> page_of(
    const http::request& received, std::size_t parts, std::size_t limit_default, std::size_t limit_max
) {
  page_request wanted;
  MERIDIAN_TRY(const auto limit, number_of(received, "limit", 1, static_cast<std::int64_t>(limit_max)));
  wanted.limit = limit ? static_cast<std::size_t>(*limit) : limit_default;
  const auto cursor = received.query.find("cursor");
  if (!cursor || cursor->empty()) {
    return wanted;
  }
  const auto text = cursor->size() <= cursor_size_max ? from_base64url(*cursor) : std::nullopt;
  auto behind = text && http::is_utf8(*text) ? parts_of(*text) : std::nullopt;
  if (!behind || behind->size() != parts) {
    return not_a_cursor();
  }
  for (const auto& part : *behind) {
    if (part.find('\0') != std::string::npos || !http::is_utf8(part)) {
      return not_a_cursor();
    }
  }
  wanted.behind = std::move(behind);
  return wanted;
}

result<std::optional<std::int64_t>> number_of(
    const http::request& received, std::string_view name, std::int64_t least, std::int64_t most
) {
  const auto given = received.query.find(name);
  if (!given) {
    return std::optional<std::int64_t>();
  }
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (failed != std::errc() || end != given->data() + given->size() || value < least || value > most) {
    return error{
        errc::invalid_argument, fmt::format("{} is not a number in range", name),
        fmt::format("Accepted: a whole number from {} to {}.", least, most), std::string(name)
    };
  }
  return std::optional(value);
}

result<std::optional<std::int64_t>> id_of(const http::request& received, std::string_view name) {
  const auto given = received.query.find(name);
  if (!given) {
    return std::optional<std::int64_t>();
  }
  const auto id = json::parse_id(*given);
  if (!id) {
    return error{
        errc::invalid_argument, fmt::format("{} is not an id", name), "Accepted: decimal digits.", std::string(name)
    };
  }
  return id;
}

std::string list_body(std::string_view items, const std::optional<std::string>& next_cursor) {
  std::string out;
  out.reserve(items.size() + 64);
  json::writer body(out);
  body.begin_object().key("items").begin_array().raw(items).end_array().text("next_cursor", next_cursor).end_object();
  return out;
}

}  // namespace meridian::rest
