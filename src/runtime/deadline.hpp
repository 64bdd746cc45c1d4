// Every wait ends.
#pragma once

#include <chrono>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "runtime/task.hpp"

namespace meridian {

// A point in time, so that what is left shrinks as it is handed down.
class deadline {
 public:
  using clock = std::chrono::steady_clock;

  static deadline in(clock::duration duration) { return deadline(clock::now() + duration); }

  clock::time_point at() const { return at_; }
  bool passed() const { return clock::now() >= at_; }

  // Zero once it has passed.
  std::chrono::milliseconds left() const;

  // The earlier of this and `duration` from now.
  deadline sooner(clock::duration duration) const { return deadline(std::min(at_, clock::now() + duration)); }

 private:
  explicit deadline(clock::time_point at) : at_(at) {}

  clock::time_point at_;
};

// Waits until the descriptor is readable (or writable, or has an error to tell). timed_out at the deadline.
task<void> wait_for(
    boost::asio::posix::stream_descriptor& descriptor, boost::asio::posix::descriptor_base::wait_type readiness,
    deadline until
);

// Always succeeds, after the duration.
task<void> pause(std::chrono::steady_clock::duration duration);

}  // namespace meridian
