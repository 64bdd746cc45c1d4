// The tables that up and status print.
#pragma once

#include <string>
#include <vector>

#include "cli/serving.hpp"
#include "cluster/bus_servers.hpp"
#include "cluster/engine.hpp"
#include "cluster/up.hpp"

namespace meridian::cli {

// Columns padded to their widest cell, two spaces apart; the first row is the heading.
std::string table_of(const std::vector<std::vector<std::string>>& rows);

// The nodes of each deployment and the links between them.
std::string overview_of(const topology::topology& world, const cluster::cluster_state& now);

// Where each region is served, and whether it is; "" for a topology without.
std::string overview_of(const std::vector<serving_state>& serving);

// The servers of the bus; "" for a topology without.
std::string overview_of(const std::vector<cluster::bus_server_state>& bus);

// "124 kB behind, 3 ms": what a link's lag is, or "" when nobody knows.
std::string lag_of(const cluster::link_state& link);

// Where to go next, after up.
std::string next_steps(const topology::topology& world, cluster::up_options options);

}  // namespace meridian::cli
