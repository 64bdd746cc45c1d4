// Whose CPUs are whose while servers are measured.
#pragma once

#include <vector>

namespace meridian::lab {

// In the field the clients and the databases are on machines of their own. What they leave in a core's caches is paid
// for by the server that runs there next, so one that is measured has cores on which nothing else runs.
struct cpu_split {
  std::vector<int> servers;
  std::vector<int> rest;  // the crowd, the databases, this program

  // Of those that may be used. With one of them, or when they are `shared`, both sides have all. The servers' are the
  // upper half: devices tend to interrupt the first one.
  static cpu_split of(const std::vector<int>& usable, bool shared);

  bool is_shared() const { return servers == rest; }
};

}  // namespace meridian::lab
