// A phrase cut into words, numbers and marks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace meridian::calendar {

struct token {
  enum class kind { word, number, mark };
  kind what;
  std::string text;    // A to Z in lower case
  int value = 0;       // of a number
  bool glued = false;  // nothing stands between it and the one before
};

inline constexpr std::size_t phrase_size_max = 200;
inline constexpr std::size_t number_digits_max = 6;

// "at 9:30am" is at, 9, :, 30, am. Whatever is not ASCII is a word's letter, but for the spaces and apostrophes that
// keyboards make. invalid_argument with the field `when` for a text that is too long or has no words, or a number that
// has too many digits.
result<std::vector<token>> tokens_of(std::string_view phrase);

}  // namespace meridian::calendar
