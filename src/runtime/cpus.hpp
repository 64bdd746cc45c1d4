// Which CPUs a thread may run on.
#pragma once

#include <vector>

#include "base/result.hpp"

namespace meridian {

// Those of the calling thread, by their numbers, ascending and never empty: what taskset or a cpuset (of a container,
// of a systemd unit) leaves of the machine's, which std::thread::hardware_concurrency() does not ask. A quota of
// processor time is no part of it. sched_getaffinity(2); all of them where it can't tell, on machines with more than
// 1,024.
std::vector<int> usable_cpus();

// For the calling thread, and for what it starts from now on. Not empty. unavailable when none of them may be used.
result<void> run_on(const std::vector<int>& cpus);

}  // namespace meridian
