// How long a deployment was without writes, as whoever brought it back measured it.
#pragma once

#include <chrono>
#include <string>

#include "base/time.hpp"

namespace meridian::topology {

struct restore {
  std::string by;  // "failover"
  std::chrono::milliseconds took{};
  timestamp at{};
};

}  // namespace meridian::topology
