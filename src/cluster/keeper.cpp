#include "cluster/keeper.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>

#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.hpp"

namespace meridian::cluster {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr clock::duration pause_min = 100ms;
constexpr clock::duration pause_max = 2s;
constexpr clock::duration long_life = 10s;  // a crash after it is no part of a series
constexpr int exit_not_started = 127;

std::string end_in_words(int status) {
  return WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status))
                             : fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

class keeper {
 public:
  keeper(const std::string& name, const std::function<int()>& work, const std::function<bool(pid_t)>& answers)
      : name_(name), work_(work), answers_(answers) {
    ::sigemptyset(&awaited_);
    for (const int number : {SIGTERM, SIGINT, SIGCHLD}) {
      ::sigaddset(&awaited_, number);
    }
    ::sigprocmask(SIG_BLOCK, &awaited_, &before_);
  }

  int run();

 private:
  void start_child();
  int next_signal() const;
  bool take_end(int& status);

  const std::string& name_;
  const std::function<int()>& work_;
  const std::function<bool(pid_t)>& answers_;
  sigset_t awaited_{};
  sigset_t before_{};
  pid_t child_ = 0;
  clock::time_point started_at_;
  clock::time_point due_ = clock::now();
  clock::duration pause_ = pause_min;
};

void keeper::start_child() {
  const pid_t parent = ::getpid();
  started_at_ = clock::now();
  child_ = ::fork();
  if (child_ != 0) {
    child_ = std::max(child_, 0);
    return;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);  // the keeper's lock must end with the keeper
  ::_exit(::getppid() == parent ? work_() : exit_not_started);
}

// 0 when none came in time.
int keeper::next_signal() const {
  const auto longest = child_ != 0 ? clock::duration(1s) : std::clamp<clock::duration>(due_ - clock::now(), 0ms, 1s);
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(longest).count();
  const timespec patience{ns / 1'000'000'000, ns % 1'000'000'000};
  return std::max(::sigtimedwait(&awaited_, nullptr, &patience), 0);
}

// Whether the child has ended.
bool keeper::take_end(int& status) {
  return child_ != 0 && ::waitpid(child_, &status, WNOHANG) == child_;
}

int keeper::run() {
  bool is_asked = false;
  bool has_answered = false;
  while (true) {
    if (child_ == 0 && clock::now() >= due_) {
      start_child();
    }
    const int number = next_signal();
    if (number == SIGTERM || number == SIGINT) {
      is_asked = true;
      if (child_ == 0) {
        return 0;
      }
      ::kill(child_, number);
    }
    int status = 0;
    if (!take_end(status)) {
      continue;
    }
    const bool ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    has_answered = has_answered || answers_(child_);
    if (is_asked || ended_well || !has_answered) {
      return exit_code_of(status);
    }
    pause_ = clock::now() - started_at_ > long_life ? pause_min : pause_;
    log::warning("cluster", "{} {}; starting it again", name_, end_in_words(status));
    child_ = 0;
    due_ = clock::now() + pause_;
    pause_ = std::min(pause_ * 2, pause_max);
  }
}

}  // namespace

int keep(const std::string& name, const std::function<int()>& work, const std::function<bool(pid_t)>& answers) {
  return keeper(name, work, answers).run();
}

}  // namespace meridian::cluster
