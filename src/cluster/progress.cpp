#include "cluster/progress.hpp"

#include <cstdio>

#include <fmt/core.h>
#include <unistd.h>

namespace meridian::cluster {

progress::progress(bool quiet) : quiet_(quiet), terminal_(::isatty(STDOUT_FILENO) == 1) {}

void progress::step(std::string_view what) {
  finish();
  current_ = what;
  step_started_ = clock::now();
  if (!quiet_ && terminal_) {
    fmt::print("  {} ...", current_);
    std::fflush(stdout);
  }
}

void progress::note(std::string_view what) {
  notes_ += fmt::format("    {}\n", what);
}

void progress::finish() {
  if (current_.empty()) {
    return;
  }
  const std::chrono::duration<double> took = clock::now() - step_started_;
  if (!quiet_) {
    fmt::print("{}{} ... {:.1f} s\n{}", terminal_ ? "\r  " : "  ", current_, took.count(), notes_);
    std::fflush(stdout);
  }
  current_.clear();
  notes_.clear();
}

double progress::seconds_total() const {
  return std::chrono::duration<double>(clock::now() - started_).count();
}

}  // namespace meridian::cluster
