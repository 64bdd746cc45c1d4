// Up to where in the log each person's own changes go, so that his next read holds them.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "reminders/reminder.hpp"

namespace meridian::reminders {

// Of one process, shared by its lanes, from any thread. People who share a place wait for each other's changes: a read
// may wait longer than it had to, and never sees too little. 512 kB.
class seen_positions {
 public:
  log_position of(std::int64_t profile_id) const {
    return places_[place_of(profile_id)].load(std::memory_order_acquire);
  }

  // Only ever forward.
  void keep(std::int64_t profile_id, log_position position) {
    auto& place = places_[place_of(profile_id)];
    auto known = place.load(std::memory_order_relaxed);
    while (known < position && !place.compare_exchange_weak(known, position, std::memory_order_acq_rel)) {
    }
  }

 private:
  static constexpr std::size_t count = 1 << 16;

  // Ids differ in their upper bits more than in their lower ones (Fibonacci hashing).
  static std::size_t place_of(std::int64_t profile_id) {
    return (static_cast<std::uint64_t>(profile_id) * 0x9E3779B97F4A7C15ULL) >> 48;
  }

  std::vector<std::atomic<log_position>> places_ = std::vector<std::atomic<log_position>>(count);
};

}  // namespace meridian::reminders
