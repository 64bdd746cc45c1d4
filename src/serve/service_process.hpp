// A process that serves one region.
#pragma once

#include <functional>

#include "serve/settings.hpp"
#include "topology/topology.hpp"

namespace meridian::serve {

// Where it answers.
struct serving {
  std::string address;
  std::uint16_t port = 0;
};

// Serves until SIGTERM or SIGINT, then ends in peace: no request is cut. A second signal ends the process at once with
// exit code 128 + its number, and so does a request that outlives drain_time_max, with 1.
//
// Calls `ready` once, when the process listens and its region answers (or has had some seconds to); an error of it ends
// the process. invalid_argument for a region or services that the topology does not have, conflict when the port is
// taken. To be called by the main thread, once in a process.
result<void> serve(
    const topology::topology& world, const process_settings& settings,
    const std::function<result<void>(const serving&)>& ready
);

}  // namespace meridian::serve
