#include "support/child.hpp"

#include <csignal>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/wait.hpp"

namespace meridian::test {
namespace {

constexpr int exit_not_started = 127;

std::vector<std::string> environment_of(const launch& what) {
  std::vector<std::string> merged;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text(*variable);
    if (!what.environment.contains(text.substr(0, text.find('=')))) {
      merged.push_back(text);
    }
  }
  for (const auto& [name, value] : what.environment) {
    if (!value.empty()) {
      merged.push_back(fmt::format("{}={}", name, value));
    }
  }
  return merged;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

// An anonymous file: unlike a pipe it never fills, and a daemon that inherits it can't hold up the reader.
int make_capture() {
  return ::memfd_create("captured", MFD_CLOEXEC);
}

std::string content_of(int capture) {
  std::string content(static_cast<std::size_t>(::lseek(capture, 0, SEEK_END)), '\0');
  const auto count = ::pread(capture, content.data(), content.size(), 0);
  content.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return content;
}

bool become(const passwd& account) {
  return ::setgroups(0, nullptr) == 0 && ::setgid(account.pw_gid) == 0 && ::setuid(account.pw_uid) == 0 &&
         ::chdir("/") == 0;
}

}  // namespace

child::child(const launch& what) : output_(make_capture()), errors_(make_capture()) {
  auto words = what.arguments;
  auto variables = environment_of(what);
  const auto arguments = pointers_to(words);
  const auto environment = pointers_to(variables);
  const passwd* account = what.as_node_account && ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setpgid(0, 0);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output_, STDOUT_FILENO);
    ::dup2(errors_, STDERR_FILENO);
    if (account == nullptr || become(*account)) {
      ::execvpe(arguments[0], arguments.data(), environment.data());
    }
    ::_exit(exit_not_started);
  }
  ::setpgid(pid_, pid_);  // both sides do it: whoever comes first
}

child::child(child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      errors_(std::exchange(other.errors_, -1)),
      status_(other.status_),
      ended_(std::exchange(other.ended_, true)) {}

child::~child() {
  if (!ended_) {
    kill_group();
    collect(0);
  }
  if (output_ >= 0) {
    ::close(output_);
    ::close(errors_);
  }
}

bool child::collect(int options) {
  if (!ended_ && ::waitpid(pid_, &status_, options) == pid_) {
    ended_ = true;
  }
  return ended_;
}

bool child::is_running() {
  return !collect(WNOHANG);
}

void child::send(int signal) const {
  if (pid_ > 0 && !ended_) {
    ::kill(pid_, signal);
  }
}

// The leader is not waited for before this, so that its group's number can't be another's.
void child::kill_group() const {
  if (pid_ > 0 && !ended_) {
    ::kill(-pid_, SIGKILL);
  }
}

outcome child::wait(std::chrono::milliseconds longest) {
  if (!wait_until([this] { return !is_running(); }, longest)) {
    kill_group();
    collect(0);
    ADD_FAILURE() << "took longer than " << longest.count() << " ms; it said:\n"
                  << content_of(output_) << content_of(errors_);
  }
  const int code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  return {code, content_of(output_), content_of(errors_)};
}

outcome run_child(const launch& what) {
  child started(what);
  return started.wait();
}

}  // namespace meridian::test
