// Canaries: texts that nobody else writes, put into rows of a region, so that their bytes show where such rows rest.
#pragma once

#include <string>
#include <vector>

#include "cluster/file_search.hpp"
#include "cluster/postgres/instance.hpp"

namespace meridian::cluster::postgres {

struct canary {
  std::string region;
  std::string country;  // one that rests there
  std::string text;     // 48 random letters and digits, all lower case: an index over lower(...) holds them unchanged
};

// The canaries of one audit, one a region.
struct canary_flock {
  std::string mark;  // of this audit: each half of each text begins with it
  std::vector<canary> each;

  // Each text is searched by its halves, which are twice a canary's number and that + 1: a page's header may stand in
  // the middle of a text in the WAL, and then one of the halves is whole.
  search_targets targets() const;
};

canary_flock make_canaries(const topology::topology& world);

// Inserts a profile, a workspace, a channel and a message that hold the text, through the tree, as the services do.
// `number` tells the doors of one canary apart.
task<void> insert_canary(instance door, canary what, int number);

// Edits all messages that hold the text, once by the owner's own work and once row by row, and reads them sorted.
task<void> edit_canary(instance door, canary what);

// Runs statements with the text in them that fail: a log might tell of them. An error means that the node was lost.
task<void> fail_with_canary(instance door, canary what);

// ANALYZE of the tables that hold canaries and of each of their partitions, wherever it rests. A node that refuses to
// (foreign tables need a user mapping of their owner's) gathers nothing, which is fine. An error means that it was
// lost.
task<void> analyze_canaries(const topology::topology& world, instance node);

// Removes the canaries of this and of every earlier, interrupted audit from the node's own partitions, also from those
// that it should not have. Answers how many rows there were.
task<int> remove_canaries(const topology::topology& world, instance node);

}  // namespace meridian::cluster::postgres
