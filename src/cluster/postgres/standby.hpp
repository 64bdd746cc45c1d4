// Streaming replication of the read_replicas deployment.
#pragma once

#include <vector>

#include "cluster/engine.hpp"
#include "cluster/postgres/instance.hpp"

namespace meridian::cluster::postgres {

// Makes the primary keep what the standby has not received yet. Idempotent; the script is what it runs there.
std::string reserve_slot_script(const instance& standby);
task<void> reserve_slot(instance primary, const instance& standby);

// Starts the standby when it is down, lets replay go on when it was paused, and clones it anew when the primary no
// longer has the WAL that it misses.
task<void> repair_standby(instance primary, instance standby);

// One link for each standby: "streaming", "paused", "down" or "unreachable", with its lag.
task<std::vector<link_state>> observe_standbys(instance primary, std::vector<instance> standbys);

// Replay stops and goes on; what arrives meanwhile is kept.
task<void> pause_standby(instance standby);
task<void> resume_standby(instance standby);

}  // namespace meridian::cluster::postgres
