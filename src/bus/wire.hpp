// The way to other processes.
#pragma once

#include <cstdint>

#include "bus/event.hpp"

namespace meridian::bus {

struct wire_counters {
  bool is_connected = false;
  std::uint64_t published = 0;  // events handed to the server
  std::uint64_t received = 0;   // that were well formed
  std::uint64_t refused = 0;    // that were not
  std::uint64_t lost = 0;       // not published: no connection, too many at once, too large
  std::uint64_t connects = 0;
};

// All calls from any thread; none waits.
class wire {
 public:
  wire() = default;
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;
  virtual ~wire() = default;

  // One call of follow() for each lane that begins to follow the topic, and one of unfollow() when it ends.
  virtual void follow(const topic& which) = 0;
  virtual void unfollow(const topic& which) = 0;
  virtual void send(const topic& which, const shared_event& what) = 0;

  virtual wire_counters observe() const = 0;
};

}  // namespace meridian::bus
