#include "calendar/language.hpp"

#include <array>

#include "calendar/english.hpp"

namespace meridian::calendar {

const language& language_of(std::string_view locale) {
  constexpr std::array languages{&english::spoken};
  const auto code = locale.substr(0, locale.find_first_of("-_"));
  for (const auto* one : languages) {
    if (one->code == code) {
      return *one;
    }
  }
  return *languages.front();
}

std::string_view region_of(std::string_view locale) {
  const auto at = locale.find_first_of("-_");
  return at == std::string_view::npos ? std::string_view() : locale.substr(at + 1, 2);
}

}  // namespace meridian::calendar
