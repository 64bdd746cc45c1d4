// For tests: the topologies that come with the product.
#pragma once

#include <filesystem>

#include "topology/topology_file.hpp"

namespace meridian::cluster {

// The root of the source tree.
inline std::filesystem::path source_root() {
  return MERIDIAN_SOURCE_DIR;
}

inline topology::topology config_topology(const std::filesystem::path& name) {
  return topology::read_topology(source_root() / "config" / name).value();
}

}  // namespace meridian::cluster
