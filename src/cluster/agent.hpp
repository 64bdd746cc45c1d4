// The local topology's companion process: answers /cluster-config for the deployments and watches over replication.
#pragma once

#include <functional>

#include "cluster/companion.hpp"
#include "cluster/postgres/engine.hpp"
#include "cluster/state.hpp"

namespace meridian::cluster {

companion agent_of(const state& kept);

// Its work: runs until SIGTERM, calls `ready` once it answers; answers the exit code.
int run_agent(
    const topology::topology& world, const state& kept, postgres::postgres_engine& engine,
    const std::function<result<void>()>& ready
);

// Looks once at each direction of the bidirectional deployments and re-enables a subscription that went down: pglogical
// itself would wait for minutes. A paused one stays paused. The agent does it every two seconds; what it did is in its
// log.
task<void> revive_subscriptions(const topology::topology& world, postgres::postgres_engine& engine);

}  // namespace meridian::cluster
