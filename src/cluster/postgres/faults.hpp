// Breaking and mending the embedded engine's nodes, for who wants to see what happens.
#pragma once

#include <vector>

#include <sys/types.h>

#include "cluster/postgres/engine.hpp"

namespace meridian::cluster::postgres {

// The server and all that it forked, found by the data directory in which they work: nothing else is ever signalled.
std::vector<pid_t> processes_of(const state& kept, const topology::node& node);

// SIGKILL, SIGSTOP and SIGCONT to all of them. Killing waits until they are gone, frozen ones too; conflict when there
// are none.
task<void> kill_node(const state& kept, const topology::node& node, deadline until);
task<void> freeze_node(const state& kept, const topology::node& node);
task<void> thaw_node(const state& kept, const topology::node& node);

// As `up` does it; a replica is copied anew when its primary no longer has what it misses. conflict for a frozen one.
task<void> start_node(const postgres_engine& engine, const topology::topology& world, const topology::node& node);

// Changes from one node to the other wait at their origin, and go on. invalid_argument when nothing replicates that
// way.
task<void> cut_link(
    const postgres_engine& engine, const topology::topology& world, const topology::node& from, const topology::node& to
);
task<void> heal_link(
    const postgres_engine& engine, const topology::topology& world, const topology::node& from, const topology::node& to
);

}  // namespace meridian::cluster::postgres
