#include "runtime/cpus.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <thread>

#include <fmt/format.h>
#include <sched.h>

namespace meridian {

std::vector<int> usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> found;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &set)) {
        found.push_back(cpu);
      }
    }
  }
  if (found.empty()) {
    found.resize(std::max(std::thread::hardware_concurrency(), 1U));
    std::iota(found.begin(), found.end(), 0);
  }
  return found;
}

result<void> run_on(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) {
    CPU_SET(cpu, &set);
  }
  if (::sched_setaffinity(0, sizeof set, &set) != 0) {
    return error{errc::unavailable, fmt::format("can't choose the CPUs to run on: {}", std::strerror(errno)), ""};
  }
  return {};
}

}  // namespace meridian
