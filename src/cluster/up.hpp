// From nothing, or from wherever an earlier call was interrupted, to a running local topology.
#pragma once

#include "cluster/postgres/engine.hpp"

namespace meridian::cluster {

struct up_options {
  // Deployments 2 and 3 get running nodes, but neither schema nor two-way replication: for those who want to do it
  // themselves. Without it, a later call completes them.
  bool manual_replication = false;
  // Leaves the sample company out.
  bool empty = false;
};

task<void> bring_up(
    const topology::topology& world, postgres::postgres_engine& engine, up_options options, progress& told
);

// Loads the sample company through that node, once in the topology's life; leaving it out is remembered too, so that a
// later up does not bring it into data that are somebody's own.
task<void> load_sample(postgres::instance first, bool leave_out);

}  // namespace meridian::cluster
