// What a statement found out about who asks and what he wants, in one word.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace meridian::messaging {

// Statements judge before they act, and answer with the verdict. These let the caller go on:
//   new     it was done now
//   repeat  it was done before, by the same request or by another one for the same thing
//   done    nothing was left to do
// All others are refusals.
bool is_granted(std::string_view verdict);

// What to answer to a refusal. not_found is said to whom the thing is hidden.
error refusal_of(std::string_view verdict);

error not_found();

}  // namespace meridian::messaging
