// Structured logs, one line of JSON an event, to standard error. No personal data, no secrets: ids and names of things.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/core.h>

namespace meridian::log {

enum class level { debug, info, warning, error };

// Below this level nothing is written. info until set.
void set_level(level least);

// Whether something of that level is written: for callers to whom making the message costs too much.
bool is_written(level at);

void write(level at, std::string_view room, std::string_view message);

// A value beside the message, for programs to search by. Names need no escaping.
struct field {
  std::string_view name;
  std::variant<std::int64_t, double, std::string_view> value;
};

void write(level at, std::string_view room, std::string_view message, std::initializer_list<field> fields);

template <class... Arguments>
void debug(std::string_view room, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write(level::debug, room, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <class... Arguments>
void info(std::string_view room, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write(level::info, room, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <class... Arguments>
void warning(std::string_view room, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write(level::warning, room, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <class... Arguments>
void error(std::string_view room, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write(level::error, room, fmt::format(format, std::forward<Arguments>(arguments)...));
}

}  // namespace meridian::log
