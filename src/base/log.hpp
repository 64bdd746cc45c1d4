// Structured logs, one line of JSON an event, to standard error. No personal data, no secrets: ids and names of things.
#pragma once

#include <string>
#include <string_view>

#include <fmt/core.h>

namespace meridian::log {

enum class level { debug, info, warning, error };

// Below this level nothing is written. info until set.
void set_level(level least);

// Whether something of that level is written: for callers to whom making the message costs too much.
bool is_written(level at);

void write(level at, std::string_view room, std::string_view message);

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
