// English words for days, months, units and numbers.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace meridian::calendar::english {

enum class unit { second, minute, hour, day, week, month, year };

struct unit_word {
  unit of;
  int times = 1;  // a fortnight is two weeks
};

// Also in the plural and short: "mins", "fortnight". Letters are small, here and below.
std::optional<unit_word> unit_of(std::string_view word);
// "monday", "mon"; also "mondays".
std::optional<std::chrono::weekday> weekday_of(std::string_view word);
bool is_plural_weekday(std::string_view word);
// 1 to 12
std::optional<unsigned> month_of(std::string_view word);
// "one" to "twelve", "fifteen", the tens to "ninety"; "a" and "an" are 1.
std::optional<int> number_of(std::string_view word);
// "first" to "fifth"; "last" is -1.
std::optional<int> ordinal_of(std::string_view word);

std::string_view name_of(std::chrono::weekday day);
std::string_view name_of_month(unsigned month);
// "1st", "22nd"
std::string_view ordinal_ending(int number);
// "first", "last"
std::string_view name_of_ordinal(int nth);

}  // namespace meridian::calendar::english
