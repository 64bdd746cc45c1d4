// Names of hosts to addresses, without making the lane wait for it.
#pragma once

#include <string>

#include "runtime/deadline.hpp"
#include "runtime/task.hpp"

namespace meridian::pg {

// The addresses of the host, with commas between them, the best first. An IP address is its own. Each lane remembers a
// name for 10 s; when a later look-up fails, what was last known is still good. unavailable, timed_out.
task<std::string> addresses_of(std::string host, deadline until);

}  // namespace meridian::pg
