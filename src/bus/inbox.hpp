// Events on their way to one lane, from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>

#include "bus/event.hpp"

namespace meridian::bus {

struct inbox_limits {
  // A lane that is behind by that much compares counters instead: at 20,000 events a second these are 400 ms.
  std::size_t events_max = 8192;
  std::size_t bytes_max = 16 << 20;
};

// Many threads put in, one takes out; what one thread puts in comes out in its order. Nobody waits.
class inbox {
 public:
  explicit inbox(inbox_limits limits) : limits_(limits) {}
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;
  ~inbox();

  // False when it is full: the event is lost.
  bool put(shared_event what);

  // Appends all that is there. They count as here until release().
  void take(std::deque<shared_event>& into);
  void release(const event& handled);

  std::size_t size() const { return count_.load(std::memory_order_relaxed); }

 private:
  struct node {
    shared_event what;
    node* next;
  };

  static std::size_t weight_of(const event& what);

  const inbox_limits limits_;
  std::atomic<node*> newest_ = nullptr;
  std::atomic<std::size_t> count_ = 0;
  std::atomic<std::size_t> bytes_ = 0;
};

}  // namespace meridian::bus
