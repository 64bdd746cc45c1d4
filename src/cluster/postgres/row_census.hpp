// Which rows a node of the geo-distributed deployment physically holds, and which of them don't belong there.
#pragma once

#include "cluster/postgres/instance.hpp"
#include "cluster/residency_report.hpp"

namespace meridian::cluster::postgres {

// Judges by the topology's own regions and countries, not by what the node's constraints say: somebody may have altered
// those. Looks at
//   - each partition of the tree: where it is, how many rows, whether their countries rest in the node's region;
//   - every other table and materialized view, in every database of the node, that has a column by which the tree is
//     partitioned, and whether there are large objects, which nobody can judge;
//   - what is said about the other regions' partitions: where their rows are fetched from, and statistics about them.
// Appends partitions and findings. An error means that the node could not be asked.
task<void> take_census(const topology::topology& world, instance node, residency_report& report);

// Values of other regions' rows in the node's pg_statistic, each column a stray. Appends findings.
task<void> check_statistics(instance node, residency_report& report);

}  // namespace meridian::cluster::postgres
