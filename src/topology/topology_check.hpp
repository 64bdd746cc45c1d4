// What the tables of a topology file must not say together.
#pragma once

#include "base/result.hpp"
#include "topology/topology_draft.hpp"

namespace meridian::topology {

// Twice the same region, deployment, node, service or address; a deployment whose nodes do not make its kind; a region
// without a node in a geo-partitioned deployment; ports that clash. invalid_argument at the second of two that
// disagree.
result<void> check_draft(const std::string& file, const topology_draft& draft);

}  // namespace meridian::topology
