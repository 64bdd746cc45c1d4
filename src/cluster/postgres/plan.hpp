// The plan of a local topology: what `meridian up` does, written out, but for the sample company and the agent. All of
// it happens on this machine.
#pragma once

#include <vector>

#include "cluster/plan.hpp"

namespace meridian::cluster::postgres {

// Passwords are environment variables; `up` makes them up and keeps them in the state directory.
std::vector<plan_step> plan_of(const topology::topology& world);

}  // namespace meridian::cluster::postgres
