// A process that `up` starts beside the nodes and `down` stops: the agent, those that serve, the servers of the bus.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "runtime/file.hpp"
#include "runtime/task.hpp"

namespace meridian::cluster {

enum class after_crash { stay_down, start_again };

// Knows the process by its files:
//   FILES.log     what it logs
//   FILES.lock    held as long as it lives
//   FILES.pid     the process that does the work, once it answers
//   FILES.keeper  the process that starts that one again after a crash, where there is one
class companion {
 public:
  // Does the work until SIGTERM: calls the function once it answers, and returns the exit code. It logs why it fails.
  using body = std::function<int(const std::function<result<void>()>& ready)>;

  // `name` is for people: "serve-europe". Stopping it may take so long.
  companion(std::string name, std::filesystem::path files, after_crash then, std::chrono::milliseconds stop_time_max)
      : name_(std::move(name)), files_(std::move(files)), then_(then), stop_time_max_(stop_time_max) {}

  const std::string& name() const { return name_; }
  std::filesystem::path log_file() const { return with(".log"); }

  // Whether it lives, or is about to be started again after a crash.
  bool is_running() const;

  // The process that does the work; 0 while none does.
  pid_t pid() const;

  // Starts it, unless it runs, and waits until it answers. To be called outside of any event loop, before any thread.
  result<void> start(const body& work) const;

  // The same for another program, which takes the process over. The first of the arguments is its path.
  result<void> start_program(const std::vector<std::string>& arguments, const std::function<bool()>& answers) const;

  // Asks it to end, and waits until it is gone. The companion outlives the task.
  task<void> stop() const;

 private:
  std::filesystem::path with(const char* extension) const { return files_.string() + extension; }
  result<void> wait_until_it_answers(pid_t started) const;
  int live(const body& work) const;
  int become(const std::vector<std::string>& arguments, const std::function<bool()>& answers) const;
  void watch_until_it_answers(pid_t program, const std::function<bool()>& answers) const;
  error failure() const;

  std::string name_;
  std::filesystem::path files_;
  after_crash then_;
  std::chrono::milliseconds stop_time_max_;
};

}  // namespace meridian::cluster
