// The agent as a process: started by up, stopped by down.
#pragma once

#include "cluster/postgres/engine.hpp"
#include "cluster/state.hpp"

namespace meridian::cluster {

// Starts the agent, unless it runs, and waits until it answers. To be called outside of any event loop.
result<void> start_agent(const topology::topology& world, const state& kept, postgres::postgres_engine& engine);

// Waits until it is gone.
task<void> stop_agent(const state& kept);

bool is_agent_running(const state& kept);

}  // namespace meridian::cluster
