// TOML made safe for toml++ 3.3.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meridian::topology {

// The same TOML, line for line, in ASCII and without comments: letters beyond ASCII become \u escapes in their strings.
//
// toml++ 3.3 has two traps. It asks of letters beyond ASCII whether they are white space, which is undefined behaviour
// for U+00A1 to U+0499. And it makes a table per dot of a key and destroys them recursively, which a hundred thousand
// dots turn into a stack overflow. So letters beyond ASCII outside of "strings", lines of very many dots and what would
// make the two hard to find, strings of several lines, are invalid_argument, as is text that is not UTF-8.
result<std::string> toml_in_ascii(const std::string& file, std::string_view text);

}  // namespace meridian::topology
