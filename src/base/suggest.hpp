// "Did you mean": the nearest of the accepted words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace meridian {

// The accepted word at the smallest edit distance from `given`, letter case aside; none when even that one differs in
// more than a third of its letters. The cost is |given| * sum |accepted|: for words that people type.
std::optional<std::string> suggest(std::string_view given, std::span<const std::string> accepted);

// " (did you mean X?)" or nothing, to end an error message with.
std::string did_you_mean(std::string_view given, std::span<const std::string> accepted);

}  // namespace meridian
