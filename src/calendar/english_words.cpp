#include "calendar/english_words.hpp"

#include <algorithm>
#include <array>

namespace meridian::calendar::english {
namespace {

template <class Value>
struct entry {
  std::string_view word;
  Value value;
};

template <class Value, std::size_t Size>
std::optional<Value> find(const std::array<entry<Value>, Size>& words, std::string_view word) {
  const auto* found = std::ranges::find(words, word, &entry<Value>::word);
  return found == words.end() ? std::nullopt : std::optional(found->value);
}

constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};

bool is_same(std::string_view name, std::string_view word) {
  return std::ranges::equal(name, word, {}, [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
}

// The full name or its first three letters.
template <std::size_t Size>
std::optional<unsigned> index_of(const std::array<std::string_view, Size>& names, std::string_view word) {
  for (unsigned i = 0; i < Size; ++i) {
    if (is_same(names.at(i), word) || is_same(names.at(i).substr(0, 3), word)) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<unit_word> unit_of(std::string_view word) {
  constexpr std::array units{
      entry<unit_word>{"s", {unit::second}},
      entry<unit_word>{"sec", {unit::second}},
      entry<unit_word>{"secs", {unit::second}},
      entry<unit_word>{"second", {unit::second}},
      entry<unit_word>{"seconds", {unit::second}},
      entry<unit_word>{"m", {unit::minute}},
      entry<unit_word>{"min", {unit::minute}},
      entry<unit_word>{"mins", {unit::minute}},
      entry<unit_word>{"minute", {unit::minute}},
      entry<unit_word>{"minutes", {unit::minute}},
      entry<unit_word>{"h", {unit::hour}},
      entry<unit_word>{"hr", {unit::hour}},
      entry<unit_word>{"hrs", {unit::hour}},
      entry<unit_word>{"hour", {unit::hour}},
      entry<unit_word>{"hours", {unit::hour}},
      entry<unit_word>{"d", {unit::day}},
      entry<unit_word>{"day", {unit::day}},
      entry<unit_word>{"days", {unit::day}},
      entry<unit_word>{"w", {unit::week}},
      entry<unit_word>{"wk", {unit::week}},
      entry<unit_word>{"wks", {unit::week}},
      entry<unit_word>{"week", {unit::week}},
      entry<unit_word>{"weeks", {unit::week}},
      entry<unit_word>{"fortnight", {unit::week, 2}},
      entry<unit_word>{"fortnights", {unit::week, 2}},
      entry<unit_word>{"month", {unit::month}},
      entry<unit_word>{"months", {unit::month}},
      entry<unit_word>{"quarter", {unit::month, 3}},
      entry<unit_word>{"quarters", {unit::month, 3}},
      entry<unit_word>{"year", {unit::year}},
      entry<unit_word>{"years", {unit::year}},
      entry<unit_word>{"yr", {unit::year}},
      entry<unit_word>{"yrs", {unit::year}},
  };
  return find(units, word);
}

std::optional<std::chrono::weekday> weekday_of(std::string_view word) {
  if (is_plural_weekday(word)) {
    word.remove_suffix(1);
  }
  constexpr std::array shorts{
      entry<unsigned>{"tues", 2}, entry<unsigned>{"wednes", 3}, entry<unsigned>{"weds", 3},
      entry<unsigned>{"thur", 4}, entry<unsigned>{"thurs", 4},
  };
  const auto found = index_of(weekdays, word);
  const auto day = found ? found : find(shorts, word);
  return day ? std::optional(std::chrono::weekday(*day)) : std::nullopt;
}

bool is_plural_weekday(std::string_view word) {
  return word.ends_with("days") && std::ranges::any_of(weekdays, [&](std::string_view name) {
           return is_same(name, word.substr(0, word.size() - 1));
         });
}

std::optional<unsigned> month_of(std::string_view word) {
  const auto found = word == "sept" ? std::optional(8U) : index_of(months, word);
  return found ? std::optional(*found + 1) : std::nullopt;
}

std::optional<int> number_of(std::string_view word) {
  constexpr std::array numbers{
      entry<int>{"a", 1},        entry<int>{"an", 1},      entry<int>{"one", 1},      entry<int>{"two", 2},
      entry<int>{"three", 3},    entry<int>{"four", 4},    entry<int>{"five", 5},     entry<int>{"six", 6},
      entry<int>{"seven", 7},    entry<int>{"eight", 8},   entry<int>{"nine", 9},     entry<int>{"ten", 10},
      entry<int>{"eleven", 11},  entry<int>{"twelve", 12}, entry<int>{"fifteen", 15}, entry<int>{"twenty", 20},
      entry<int>{"thirty", 30},  entry<int>{"forty", 40},  entry<int>{"fifty", 50},   entry<int>{"sixty", 60},
      entry<int>{"seventy", 70}, entry<int>{"eighty", 80}, entry<int>{"ninety", 90},
  };
  return find(numbers, word);
}

std::optional<int> ordinal_of(std::string_view word) {
  constexpr std::array ordinals{
      entry<int>{"first", 1},  entry<int>{"second", 2}, entry<int>{"third", 3},
      entry<int>{"fourth", 4}, entry<int>{"fifth", 5},  entry<int>{"last", -1},
  };
  return find(ordinals, word);
}

std::string_view name_of(std::chrono::weekday day) {
  return weekdays.at(day.c_encoding());
}

std::string_view name_of_month(unsigned month) {
  return months.at(month - 1);
}

std::string_view ordinal_ending(int number) {
  const int last = number % 10;
  if (number / 10 % 10 == 1 || last < 1 || last > 3) {
    return "th";
  }
  return last == 1 ? "st" : last == 2 ? "nd" : "rd";
}

std::string_view name_of_ordinal(int nth) {
  constexpr std::array<std::string_view, 5> names{"first", "second", "third", "fourth", "fifth"};
  return nth >= 1 && nth <= 5 ? names.at(static_cast<std::size_t>(nth) - 1) : "last";
}

}  // namespace meridian::calendar::english
