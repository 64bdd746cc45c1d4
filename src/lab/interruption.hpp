// Ctrl-C and SIGTERM as a flag, so that a long command ends in order and leaves nothing behind.
#pragma once

#include <atomic>

#include "base/result.hpp"

namespace meridian::lab {

// From the first call on, SIGINT and SIGTERM do nothing but set this flag.
const std::atomic<bool>& catch_interruption();

// cancelled once the flag is set.
result<void> check_interruption();

}  // namespace meridian::lab
