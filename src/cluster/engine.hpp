// What runs a topology: embedded PostgreSQL nodes here, or YugabyteDB universes elsewhere. Everything above this line
// is written once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/progress.hpp"
#include "runtime/task.hpp"
#include "topology/topology.hpp"

namespace meridian::cluster {

// A node as it answers now.
struct node_state {
  const topology::node* node = nullptr;
  bool reachable = false;
  std::string role;        // "primary" or "replica": what it is, not what the topology wants
  std::string version;     // the server's
  std::int64_t bytes = 0;  // of the database on this node
  std::string problem;     // why it is not reachable
};

// A stream of changes from one node to another.
struct link_state {
  std::string name;  // of the subscription, or of the standby
  std::string from;  // nodes' names
  std::string to;
  std::string kind;                       // "streaming" or "logical"
  std::string state;                      // "streaming", "replicating", "paused", "down", "missing", ...
  std::optional<std::int64_t> lag_bytes;  // of WAL sent and not yet applied
  std::optional<double> lag_seconds;
  std::optional<std::int64_t> conflicts;  // that `to` learnt of in the last day; of a logical one
};

struct cluster_state {
  std::vector<node_state> nodes;  // all nodes of the topology, in its order
  std::vector<link_state> links;
};

class engine {
 public:
  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  virtual ~engine() = default;

  // Each of these is idempotent, and resumes what an earlier, interrupted call left.
  virtual task<void> provision(progress& told) = 0;  // clusters exist and run, with their roles
  virtual task<void> apply_schema(const topology::deployment& part, progress& told) = 0;
  virtual task<void> replicate(const topology::deployment& part, progress& told) = 0;
  virtual task<void> stop(progress& told) = 0;

  // Never fails as a whole: a node that does not answer is told as such, within 3 s.
  virtual task<cluster_state> observe() = 0;
};

}  // namespace meridian::cluster
