// Shared memory that killed PostgreSQL processes leave behind. A server that starts again in the same data directory
// removes what its predecessor left; where there will be none, whoever killed it has to.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <vector>

#include <sys/types.h>

namespace meridian::test {

class shared_memory {
 public:
  // Remembers the segments that these processes, which are about to be killed, have now.
  void remember(const std::vector<pid_t>& processes);

  // Removes those of them that are still there. The servers must be gone.
  void remove();

 private:
  std::set<std::filesystem::path> files_;  // POSIX
  std::map<int, pid_t> segments_;          // System V, with their makers: a number may be used again
};

}  // namespace meridian::test
