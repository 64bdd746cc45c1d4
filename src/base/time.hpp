// Points in time as rows and JSON have them.
#pragma once

#include <chrono>

namespace meridian {

// UTC, in PostgreSQL's resolution.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

}  // namespace meridian
