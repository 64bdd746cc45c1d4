// Child processes.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

#include "runtime/deadline.hpp"
#include "runtime/task.hpp"

namespace meridian {

struct command {
  std::vector<std::string> arguments;              // the first is the program: a path, or a name looked up on PATH
  std::map<std::string, std::string> environment;  // added to this process's own
};

struct process_outcome {
  int exit_code = 0;  // 128 + the signal for a process that a signal ended
  std::string output;  // at most 16 MiB are kept of each stream
  std::string errors;
};

// Runs the command to its end, with an empty standard input. It dies with this process. At the deadline it is killed
// and the answer is timed_out; not_found when there is no such program.
task<process_outcome> run_process(command what, deadline until);

// As run_process, but a non-zero exit code is an error that shows what the command said last.
task<std::string> run_checked(command what, deadline until);

// Starts a process that outlives this one: own session, output appended to `log`. It runs this very program again, so it
// works where the caller has given up the rights to its own path (see drop_privileges).
result<pid_t> start_self_detached(std::vector<std::string> arguments, const std::filesystem::path& log);

// Remembers this program's file for start_self_detached; to be called first in main.
void remember_self();

// Turns this process, when it is root's, into one of the named account for good, and moves to "/". PostgreSQL refuses to
// run as root. Nothing happens for an ordinary user. not_found when there is no such account.
result<void> drop_privileges(const std::string& account);

// Whether that process exists (also when it is another user's).
bool is_alive(pid_t process);

}  // namespace meridian
