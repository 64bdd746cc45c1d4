#include "bus/inbox.hpp"

#include <memory>
#include <utility>

namespace meridian::bus {

inbox::~inbox() {
  std::deque<shared_event> rest;
  take(rest);
}

// Of an event without its frame, roughly.
std::size_t inbox::weight_of(const event& what) {
  constexpr std::size_t overhead = 160;
  return what.frame.size() + overhead;
}

bool inbox::put(shared_event what) {
  const auto weight = weight_of(*what);
  const bool has_place = count_.fetch_add(1, std::memory_order_relaxed) < limits_.events_max;
  const bool has_room = bytes_.fetch_add(weight, std::memory_order_relaxed) + weight <= limits_.bytes_max;
  if (!has_place || !has_room) {
    release(*what);
    return false;
  }
  auto* added = std::make_unique<node>(std::move(what), newest_.load(std::memory_order_relaxed)).release();
  while (!newest_.compare_exchange_weak(added->next, added, std::memory_order_release, std::memory_order_relaxed)) {
  }
  return true;
}

void inbox::take(std::deque<shared_event>& into) {
  // The whole chain at once, so that no node is freed that another thread looks at.
  auto* taken = newest_.exchange(nullptr, std::memory_order_acquire);
  node* oldest = nullptr;
  while (taken != nullptr) {
    oldest = std::exchange(taken, std::exchange(taken->next, oldest));
  }
  while (oldest != nullptr) {
    const std::unique_ptr<node> next(std::exchange(oldest, oldest->next));
    into.push_back(std::move(next->what));
  }
}

void inbox::release(const event& handled) {
  count_.fetch_sub(1, std::memory_order_relaxed);
  bytes_.fetch_sub(weight_of(handled), std::memory_order_relaxed);
}

}  // namespace meridian::bus
