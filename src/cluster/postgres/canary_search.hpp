// Where on disk the canaries are: makes the nodes write everything out, and searches all their files.
#pragma once

#include <string>
#include <vector>

#include "cluster/postgres/canary.hpp"
#include "cluster/postgres/instance.hpp"
#include "cluster/residency_report.hpp"

namespace meridian::cluster::postgres {

// A node whose files are searched.
struct searched_node {
  instance server;
  std::string home_of;  // the region whose canary belongs here; empty outside of the geo-distributed deployment
  bool reachable = false;
};

// Everything that the node has changed is in its files afterwards: CHECKPOINT, and a new WAL segment.
task<void> flush(instance node);

// Searches the nodes' directories and the rest of the state directory. Appends the sightings, and as findings
//   - a stray for each outside of the canary's home;
//   - a warning for each at home that is not in the database, but in a log;
//   - an incompleteness when a canary that was written (`planted`, by region) is not found at home, in a table and in
//   the
//     WAL: a search that finds nothing proves nothing.
task<void> search_canaries(
    const state& kept, const std::vector<searched_node>& nodes, const canary_flock& flock,
    const std::vector<std::string>& planted, residency_report& report
);

// Settings of a geo-distributed node that take rows to where nobody searches, each a warning.
task<void> check_outlets(instance node, residency_report& report);

}  // namespace meridian::cluster::postgres
