// The servers of the bus on this machine: one nats-server a region, joined by gateways.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/companion.hpp"
#include "cluster/state.hpp"
#include "topology/topology.hpp"

namespace meridian::cluster {

// The configuration of the region's server: it keeps nothing and logs no contents. It holds the password.
std::string bus_server_config(
    const topology::topology& world, const topology::bus_place& here, std::string_view password
);

// One for each [[bus]], in its order. Those that crash are started again.
std::vector<companion> bus_servers_of(const topology::topology& world, const state& kept);

// Starts those that do not run, and waits until all answer. not_found without nats-server on this machine. To be called
// outside of any event loop.
result<void> start_bus(const topology::topology& world, const state& kept);

task<void> stop_bus(const topology::topology& world, const state& kept);

struct bus_server_state {
  const topology::bus_place* place = nullptr;
  std::string name;
  bool is_running = false;
  bool is_answering = false;
  pid_t pid = 0;  // 0: none
};

std::vector<bus_server_state> observe_bus(const topology::topology& world, const state& kept);

// "nats://127.0.0.2:4222"
std::string url_of(const topology::bus_place& place);

}  // namespace meridian::cluster
