#include "support/shared_memory.hpp"

#include <sstream>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "runtime/file.hpp"

namespace meridian::test {

// Lines of /proc/PID/maps: "7f...-7f... rw-s 00000000 00:01 1234 /dev/shm/PostgreSQL.5678", or "... 42 /SYSV00001f
// (deleted)", where the number of a System V segment stands in the inode's place.
void shared_memory::remember(const std::vector<pid_t>& processes) {
  for (const auto process : processes) {
    const auto maps = read_file(fmt::format("/proc/{}/maps", process));
    std::istringstream lines(maps ? *maps : "");
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string range, rights, offset, device, inode, path;
      words >> range >> rights >> offset >> device >> inode >> path;
      shmid_ds facts{};
      if (path.starts_with("/dev/shm/PostgreSQL.")) {
        files_.insert(path);
      } else if (path.starts_with("/SYSV") && ::shmctl(std::stoi(inode), IPC_STAT, &facts) == 0) {
        segments_[std::stoi(inode)] = facts.shm_cpid;
      }
    }
  }
}

void shared_memory::remove() {
  for (const auto& file : std::exchange(files_, {})) {
    std::error_code gone;
    std::filesystem::remove(file, gone);
  }
  for (const auto& [segment, maker] : std::exchange(segments_, {})) {
    shmid_ds facts{};
    if (::shmctl(segment, IPC_STAT, &facts) == 0 && facts.shm_nattch == 0 && facts.shm_cpid == maker) {
      ::shmctl(segment, IPC_RMID, nullptr);
    }
  }
}

}  // namespace meridian::test
