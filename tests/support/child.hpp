// A child process of a test: in a process group of its own, so that it can be killed with all that it started.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace meridian::test {

struct outcome {
  int exit_code = -1;  // 128 + the signal when a signal ended it
  std::string output;
  std::string errors;

  // Both streams, for messages.
  std::string said() const { return output + errors; }
};

struct launch {
  std::vector<std::string> arguments;              // the first is the program: a path, or a name looked up on PATH
  std::map<std::string, std::string> environment;  // added to the test's own; an empty value removes the variable
  bool as_node_account = false;                    // as the account postgres where the test runs as root
};

class child {
 public:
  explicit child(const launch& what);
  child(child&& other) noexcept;
  child& operator=(child&&) = delete;
  // Kills what still runs.
  ~child();

  pid_t pid() const { return pid_; }
  bool is_running();

  // To the process, and to its group.
  void send(int signal) const;
  void kill_group() const;

  // Waits for its end; a process that takes longer is killed with its group, and a test failure is recorded.
  outcome wait(std::chrono::milliseconds longest = std::chrono::seconds(90));

 private:
  bool collect(int options);

  pid_t pid_ = -1;
  int output_ = -1;
  int errors_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

// Starts it and waits for its end.
outcome run_child(const launch& what);

}  // namespace meridian::test
