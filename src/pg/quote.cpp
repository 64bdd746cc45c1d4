#include "pg/quote.hpp"

namespace meridian::pg {
namespace {

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char letter : text) {
    out += letter;
    if (letter == quote) {
      out += letter;
    }
  }
  return out += quote;
}

}  // namespace

std::string literal(std::string_view text) {
  return doubled(text, '\'');
}

std::string identifier(std::string_view name) {
  return doubled(name, '"');
}

std::string literals(std::span<const std::string> texts) {
  std::string out;
  for (const auto& text : texts) {
    out += (out.empty() ? "" : ", ") + literal(text);
  }
  return out;
}

std::string connection_option(std::string_view key, std::string_view value) {
  std::string out = " " + std::string(key) + "='";
  for (const char letter : value) {
    if (letter == '\'' || letter == '\\') {
      out += '\\';
    }
    out += letter;
  }
  return out += '\'';
}

}  // namespace meridian::pg
