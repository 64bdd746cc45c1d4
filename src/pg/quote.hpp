// Quoting for DDL, which takes no parameters. Statements with data take parameters instead.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace meridian::pg {

// 'it''s', as a standard-conforming string literal. The text must not hold a NUL byte.
std::string literal(std::string_view text);

// "name" with quotes, always.
std::string identifier(std::string_view name);

// 'a', 'b', 'c'
std::string literals(std::span<const std::string> texts);

// One key='value' of a libpq connection string (PostgreSQL manual, 34.1.1.1), with its leading space.
std::string connection_option(std::string_view key, std::string_view value);

}  // namespace meridian::pg
