// The topology file and the country map, in TOML.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "topology/topology.hpp"

namespace meridian::topology {

// Reads and checks the file and the country map that it names. Every mistake is one invalid_argument error that reads
// "FILE:LINE: what is wrong" with the remedy: unknown keys (with the nearest known one), wrong types, out-of-range
// numbers, duplicate names, numbers or address:port pairs, a country in two regions, a region without countries or
// without a node, a deployment without a primary, an unknown region, an address that is not loopback under the postgres engine.
result<topology> read_topology(const std::filesystem::path& path);

}  // namespace meridian::topology
