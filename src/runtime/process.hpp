// Child processes.
#pragma once

#include <filesystem>
#include <functional>
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
  int exit_code = 0;   // 128 + the signal for a process that a signal ended
  std::string output;  // at most 16 MiB are kept of each stream
  std::string errors;
};

// Runs the command to its end, with an empty standard input. It dies with this process. At the deadline it is killed
// and the answer is timed_out; not_found when there is no such program.
task<process_outcome> run_process(command what, deadline until);

// As run_process, but a non-zero exit code is an error that shows what the command said last.
task<std::string> run_checked(command what, deadline until);

// Starts a process that outlives this one: a copy of it, in a session of its own, under another name, with its output
// appended to `log` and every other descriptor (and with them every file_lock) let go. It runs `body` and exits with
// what that answers. To be called outside of any event loop and before any thread.
result<pid_t> start_detached(
    const std::string& name, const std::filesystem::path& log, const std::function<int()>& body
);

// Turns this process, when it is root's, into one of the named account for good, and moves to "/". PostgreSQL refuses
// to run as root. Nothing happens for an ordinary user. not_found when there is no such account.
result<void> drop_privileges(const std::string& account);

// Whether that process still runs, also when it is another user's. Takes note of a child that has ended.
bool is_alive(pid_t process);

// Whether that process has ended and waits for its parent to take note.
bool is_zombie(pid_t process);

}  // namespace meridian
