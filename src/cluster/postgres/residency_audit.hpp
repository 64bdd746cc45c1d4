// Proof of where rows rest, down to the files on disk.
#pragma once

#include "cluster/postgres/engine.hpp"
#include "cluster/progress.hpp"
#include "cluster/residency_report.hpp"

namespace meridian::cluster::postgres {

// Counts the rows of every partition of the geo-distributed deployment and judges each by the topology's country map;
// then writes a canary into each region through every node, makes all nodes flush, and searches every file below the
// state directory for the canaries' bytes. The canaries are removed again, as are those that an interrupted audit left.
//
// What is wrong is in the report, which also tells when a node could not be looked at. not_found for a topology without
// a geo-distributed deployment. Two audits must not run at once: the caller holds the state's lock.
task<residency_report> audit_residency(
    const topology::topology& world, const state& kept, const postgres_engine& engine, progress& told
);

}  // namespace meridian::cluster::postgres
