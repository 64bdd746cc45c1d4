// What a long command is doing, step by step, with the time that each took.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace meridian::cluster {

// Writes to standard output: one line a step, "  Starting 8 nodes ... 1.4 s". On a terminal the line appears when the
// step begins.
class progress {
 public:
  explicit progress(bool quiet = false);
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  ~progress() { finish(); }

  // The step before, if any, is over.
  void step(std::string_view what);
  // A line of its own about the step that is under way.
  void note(std::string_view what);
  void finish();

  double seconds_total() const;

 private:
  using clock = std::chrono::steady_clock;

  bool quiet_;
  bool terminal_;
  std::string current_;
  std::string notes_;
  clock::time_point started_ = clock::now();
  clock::time_point step_started_ = started_;
};

}  // namespace meridian::cluster
