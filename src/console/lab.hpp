// What may be broken and mended in a local topology, and what mending took, for who looks at it.
#pragma once

#include <optional>

#include "runtime/deadline.hpp"
#include "runtime/task.hpp"
#include "topology/restore.hpp"
#include "topology/topology.hpp"

namespace meridian::console {

enum class node_action {
  kill,    // SIGKILL to the server and all of its processes
  freeze,  // SIGSTOP to all of them: connections stay and nothing answers
  thaw,
  start,  // as `meridian up` does it; for a replica also a new copy when the primary can't bring it up to date
};
enum class link_action {
  cut,  // changes wait at their origin
  heal,
};

// Done by whoever owns the nodes: there is none outside a local topology. Called from any lane, on which the tasks run.
// The nodes are the topology's; errors say what to do.
class lab_actions {
 public:
  lab_actions() = default;
  lab_actions(const lab_actions&) = delete;
  lab_actions& operator=(const lab_actions&) = delete;
  virtual ~lab_actions() = default;

  virtual task<void> act(const topology::node& on, node_action what, deadline until) = 0;
  // invalid_argument when nothing replicates that way.
  virtual task<void> act(const topology::node& from, const topology::node& to, link_action what, deadline until) = 0;

  // Of the deployment's last outage that somebody has measured; reads a small file.
  virtual std::optional<topology::restore> last_restore_of(const topology::deployment& part) const = 0;
};

}  // namespace meridian::console
