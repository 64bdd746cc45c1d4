// For tests: SQL taken apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace meridian::cluster {

// The statements of a script, without comments outside of function bodies, each with its white space reduced to single
// spaces.
std::vector<std::string> statements_of(std::string_view script);

}  // namespace meridian::cluster
