// Serving processes as commands start and show them.
#pragma once

#include <string>
#include <vector>

#include "cli/session.hpp"
#include "cluster/companion.hpp"
#include "serve/service_process.hpp"
#include "topology/topology.hpp"

namespace meridian::cli {

// How this topology's region is served unless somebody says otherwise; address and port are left to the caller. Errors
// as service_secrets_of.
result<serve::process_settings> serving_settings(const topology::topology& world, const std::string& region);

// The processes that `up` starts: one for each [[serve]], in its order.
std::vector<cluster::companion> companions_of(const session& local);

// Starts those that do not run, and waits until all are ready. To be called outside of any event loop.
result<void> start_serving(const session& local);

// Lets each end its requests, and waits until they are gone.
result<void> stop_serving(const session& local);

struct serving_state {
  const topology::serving_place* place = nullptr;
  std::string name;
  bool is_running = false;
  bool is_ready = false;
  std::string state;  // what /readyz says, or why it says nothing
  pid_t pid = 0;      // 0: none
};

// At most a second.
std::vector<serving_state> observe_serving(const session& local);

}  // namespace meridian::cli
