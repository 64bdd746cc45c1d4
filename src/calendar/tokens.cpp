#include "calendar/tokens.hpp"

#include <array>

#include <fmt/core.h>

#include "calendar/phrase.hpp"

namespace meridian::calendar {
namespace {

struct spelling {
  std::string_view other;
  std::string_view plain;
};

// No-break spaces and curly apostrophes.
constexpr std::array spellings{
    spelling{"\u00A0", " "}, spelling{"\u202F", " "}, spelling{"\u2009", " "},
    spelling{"\u2019", "'"}, spelling{"\u2018", "'"}, spelling{"\u2013", "-"},
    spelling{"\t", " "},     spelling{"\n", " "},     spelling{"\r", " "},
};

std::string spelled_plainly(std::string_view phrase) {
  std::string plain;
  while (!phrase.empty()) {
    std::string_view taken = phrase.substr(0, 1);
    std::string_view put = taken;
    for (const auto& one : spellings) {
      if (phrase.starts_with(one.other)) {
        taken = one.other;
        put = one.plain;
      }
    }
    plain += put;
    phrase.remove_prefix(taken.size());
  }
  for (auto& letter : plain) {
    letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return plain;
}

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

bool is_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || letter == '\'' || static_cast<unsigned char>(letter) >= 0x80;
}

std::size_t size_of(std::string_view text, bool (*belongs)(char)) {
  std::size_t size = 0;
  while (size < text.size() && belongs(text[size])) {
    ++size;
  }
  return size;
}

int value_of(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) {
    value = value * 10 + (digit - '0');
  }
  return value;
}

}  // namespace

result<std::vector<token>> tokens_of(std::string_view phrase) {
  if (phrase.size() > phrase_size_max) {
    return not_understood(fmt::format("is longer than {} letters", phrase_size_max));
  }
  const auto plain = spelled_plainly(phrase);
  std::vector<token> tokens;
  bool glued = false;
  for (std::string_view rest = plain; !rest.empty();) {
    if (rest.front() == ' ') {
      rest.remove_prefix(1);
      glued = false;
      continue;
    }
    token next{token::kind::mark, std::string(rest.substr(0, 1)), 0, glued};
    if (const auto digits = size_of(rest, is_digit); digits > 0) {
      if (digits > number_digits_max) {
        return not_understood(fmt::format("has a number that is too long: {}", rest.substr(0, digits)));
      }
      next = {token::kind::number, std::string(rest.substr(0, digits)), value_of(rest.substr(0, digits)), glued};
    } else if (const auto letters = size_of(rest, is_letter); letters > 0) {
      next = {token::kind::word, std::string(rest.substr(0, letters)), 0, glued};
    }
    rest.remove_prefix(next.text.size());
    tokens.push_back(std::move(next));
    glued = true;
  }
  if (tokens.empty()) {
    return not_understood("is empty");
  }
  return tokens;
}

}  // namespace meridian::calendar
