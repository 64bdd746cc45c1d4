// Whether a lane may follow a topic, for other threads to look up.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "bus/event.hpp"

namespace meridian::bus {

// Counts by hash: never says no of what is followed, and now and then yes of what is not. Its lane writes, all read.
class interest {
 public:
  void add(const topic& which) { place_of(which).fetch_add(1); }
  void remove(const topic& which) { place_of(which).fetch_sub(1); }
  bool may_want(const topic& which) const { return counts_[index_of(which)].load() > 0; }

 private:
  static constexpr std::size_t place_count = 1 << 14;  // 64 KiB; with 10,000 topics half of the places are taken

  static std::size_t index_of(const topic& which) { return topic_hash()(which) % place_count; }
  std::atomic<std::uint32_t>& place_of(const topic& which) { return counts_[index_of(which)]; }

  std::array<std::atomic<std::uint32_t>, place_count> counts_{};
};

}  // namespace meridian::bus
