#include "messaging/names.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "json/reader.hpp"

namespace meridian::messaging {
namespace {

struct range {
  char32_t first;
  char32_t last;
};

constexpr std::array controls{range{0x00, 0x1F}, range{0x7F, 0x9F}, range{0x2028, 0x2029}, range{0xFFF9, 0xFFFB}};

// Spaces, and what is not seen at all or turns the direction of what is: names that look the same should be the same.
constexpr std::array unseen{
    range{0x20, 0x20},     range{0xA0, 0xA0},     range{0xAD, 0xAD},     range{0x61C, 0x61C},
    range{0x1680, 0x1680}, range{0x180E, 0x180E}, range{0x2000, 0x200F}, range{0x202A, 0x202F},
    range{0x205F, 0x206F}, range{0x3000, 0x3000}, range{0xFEFF, 0xFEFF},
};

// The first code point, which is taken off the text.
char32_t next_letter(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  constexpr std::array<unsigned, 5> lead_bits{0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t letter = lead & lead_bits.at(size);
  for (std::size_t i = 1; i < std::min(size, text.size()); ++i) {
    letter = (letter << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  text.remove_prefix(std::min(size, text.size()));
  return letter;
}

template <std::size_t Count>
bool holds_any(std::string_view text, const std::array<range, Count>& ranges) {
  while (!text.empty()) {
    const auto letter = next_letter(text);
    const auto is_in = [&](const range& one) { return letter >= one.first && letter <= one.last; };
    if (std::ranges::any_of(ranges, is_in)) {
      return true;
    }
  }
  return false;
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return lower;
}

bool fits(std::string_view text, std::size_t letters_max) {
  return !text.empty() && json::letters_of(text) <= letters_max;
}

}  // namespace

result<std::string> check_channel_name(std::string_view name) {
  if (name.starts_with('#')) {
    name.remove_prefix(1);
  }
  if (!fits(name, channel_name_letters_max) || holds_any(name, controls) || holds_any(name, unseen)) {
    return error{
        errc::invalid_argument, "that is no name for a channel",
        fmt::format(
            "Accepted: 1 to {} letters without spaces and control characters; A to Z become lower case.",
            channel_name_letters_max
        ),
        "name"
    };
  }
  return in_lower_case(name);
}

result<std::string> check_workspace_name(std::string_view name) {
  const auto first = name.find_first_not_of(' ');
  const auto trimmed =
      first == std::string_view::npos ? std::string_view() : name.substr(first, name.find_last_not_of(' ') - first + 1);
  if (!fits(trimmed, workspace_name_letters_max) || holds_any(trimmed, controls)) {
    return error{
        errc::invalid_argument, "that is no name for a workspace",
        fmt::format("Accepted: 1 to {} letters without control characters.", workspace_name_letters_max), "name"
    };
  }
  return std::string(trimmed);
}

result<std::string> check_url(std::string_view url) {
  const auto key = in_lower_case(url);
  const auto scheme = key.starts_with("https://")  ? std::string_view("https://")
                      : key.starts_with("http://") ? std::string_view("http://")
                                                   : std::string_view();
  const bool has_host = !scheme.empty() && key.size() > scheme.size() && key[scheme.size()] != '/';
  if (!has_host || !fits(url, url_letters_max) || holds_any(url, controls) || holds_any(url, unseen)) {
    return error{
        errc::invalid_argument, "that is no URL for a workspace",
        fmt::format("Accepted: https:// and a host, at most {} letters without spaces.", url_letters_max), "url"
    };
  }
  return std::string(url);
}

std::string key_of_url(std::string_view url) {
  auto key = in_lower_case(url);
  key.erase(key.find_last_not_of('/') + 1);
  return key;
}

}  // namespace meridian::messaging
