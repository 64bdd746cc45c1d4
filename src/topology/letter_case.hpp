// Names compared as people type them: letter case aside.
#pragma once

#include <string>
#include <string_view>

namespace meridian::topology {

// Lower case for ASCII and for the Latin-1 letters (Å, Ç, É, ...) that English country names use. `text` is UTF-8
// and the result is as long as it.
std::string without_case(std::string_view text);

bool same_but_for_case(std::string_view left, std::string_view right);

}  // namespace meridian::topology
