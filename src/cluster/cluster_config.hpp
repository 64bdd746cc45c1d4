// What /cluster-config answers: a deployment's nodes and their placement, in YugabyteDB's vocabulary.
#pragma once

#include <string>

#include "cluster/engine.hpp"

namespace meridian::cluster {

// JSON. Keys as in YugabyteDB's own /api/v1/cluster-config (version, cluster_uuid, replication_info), with `nodes`,
// each with its address, port, placement, wanted and present role, and whether it answers.
std::string cluster_config_of(
    const topology::deployment& part, const std::string& universe_id, const cluster_state& now
);

}  // namespace meridian::cluster
