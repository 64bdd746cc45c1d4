#include "http/target.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

namespace meridian::http {
namespace {

constexpr unsigned char byte_of(char letter) {
  return static_cast<unsigned char>(letter);
}

constexpr bool is_control(char letter) {
  return byte_of(letter) < 0x20 || letter == 0x7f;
}

error invalid(std::string_view why) {
  return {errc::invalid_argument, "the request target " + std::string(why), ""};
}

constexpr int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  const int letter = digit | 0x20;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// The text with its escapes resolved; none when one is broken.
std::optional<std::string> unescaped(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%') {
      if (at + 2 >= text.size() || hex_value(text[at + 1]) < 0 || hex_value(text[at + 2]) < 0) {
        return std::nullopt;
      }
      out += static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]));
      at += 2;
    } else {
      out += plus_is_space && text[at] == '+' ? ' ' : text[at];
    }
  }
  return out;
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") {
      return true;
    }
    path.remove_prefix(segment.size());
  }
  return false;
}

result<std::string> decode_path(std::string_view raw) {
  auto path = unescaped(raw, false);
  if (!path) {
    return invalid("has a broken % escape");
  }
  if (std::ranges::count(*path, '/') != std::ranges::count(raw, '/')) {
    return invalid("has an escaped slash in its path");
  }
  if (std::ranges::any_of(*path, is_control) || !is_utf8(*path)) {
    return invalid("has a path that is not text in UTF-8");
  }
  if (has_dot_segment(*path)) {
    return invalid("has a path with a \".\" or \"..\" segment");
  }
  return *std::move(path);
}

result<std::string> decode_query_text(std::string_view raw) {
  auto text = unescaped(raw, true);
  if (!text) {
    return invalid("has a broken % escape");
  }
  if (text->find('\0') != std::string::npos || !is_utf8(*text)) {
    return invalid("has a query that is not text in UTF-8");
  }
  return *std::move(text);
}

result<query_list> decode_query(std::string_view raw) {
  query_list query;
  while (!raw.empty()) {
    const auto pair = raw.substr(0, raw.find('&'));
    raw.remove_prefix(std::min(raw.size(), pair.size() + 1));
    if (pair.empty()) {
      continue;
    }
    if (query.size() == query_parameters_max) {
      return invalid(fmt::format("has more than {} parameters", query_parameters_max));
    }
    const auto name = pair.substr(0, pair.find('='));
    MERIDIAN_TRY(auto decoded_name, decode_query_text(name));
    MERIDIAN_TRY(auto value, decode_query_text(pair.substr(std::min(pair.size(), name.size() + 1))));
    query.add(std::move(decoded_name), std::move(value));
  }
  return query;
}

// "http://host:port/a?b" → "/a?b". The authority is the Host field's business; "" for one whose bracket stays open.
std::string_view without_authority(std::string_view raw) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (equal_tokens(raw.substr(0, scheme.size()), scheme)) {
      raw.remove_prefix(scheme.size());
      const auto authority = raw.substr(0, raw.find_first_of("/?"));
      if (authority.starts_with('[') && authority.find(']') == std::string_view::npos) {
        return "";
      }
      raw.remove_prefix(authority.size());
      return raw.empty() ? "/" : raw;
    }
  }
  return raw;
}

}  // namespace

result<target> decode_target(std::string_view raw) {
  const auto is_unescaped = [](char letter) {
    return byte_of(letter) <= 0x20 || byte_of(letter) >= 0x7f || letter == '#';
  };
  if (std::ranges::any_of(raw, is_unescaped)) {
    return invalid("has a byte that should have been escaped");
  }
  raw = without_authority(raw);
  if (!raw.starts_with('/')) {
    return invalid("does not start with a slash");
  }
  const auto raw_path = raw.substr(0, raw.find('?'));
  target decoded;
  MERIDIAN_TRY(decoded.path, decode_path(raw_path));
  MERIDIAN_TRY(decoded.query, decode_query(raw.substr(std::min(raw.size(), raw_path.size() + 1))));
  return decoded;
}

}  // namespace meridian::http
