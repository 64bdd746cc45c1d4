// The topology file and the country map, in TOML.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "topology/topology.hpp"

namespace meridian::topology {

// Reads and checks the file and the country map that it names. Every mistake is one invalid_argument error that reads
// "FILE:LINE: what is wrong" with the remedy: unknown keys (with the nearest known one), wrong types, out-of-range
// numbers, duplicate names, numbers or address:port pairs, a country in two regions, a region without countries or
// without a node, a deployment without a primary, an unknown region, an address that is not loopback under the postgres
// engine. A file above 1 MiB is too_large; one that can't be read is not_found or forbidden.
result<topology> read_topology(const std::filesystem::path& path);

// What a topology takes from the process that reads it.
struct surroundings {
  bool root = false;                                          // the user is
  std::optional<std::string> state_directory = std::nullopt;  // MERIDIAN_STATE_DIR
  std::optional<std::string> xdg_state_home = std::nullopt;   // XDG_STATE_HOME
  std::optional<std::string> home = std::nullopt;             // HOME
  std::filesystem::path working_directory = "/";
};

using country_map_reader = std::function<result<std::string>(const std::filesystem::path&)>;

// The same without files and environment. `path` is what the file is called in errors and where its relative paths
// start.
result<topology> parse_topology(
    const std::filesystem::path& path, std::string_view text, const country_map_reader& read_country_map,
    const surroundings& around
);

}  // namespace meridian::topology
