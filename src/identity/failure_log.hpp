// Wrong passwords by address, so that those without an account are locked like those that have one.
#pragma once

#include <algorithm>
#include <chrono>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace meridian::identity {

// How long an account stays locked after that many failures in a row: a minute, doubled at each further one, at
// most 15.
inline std::chrono::seconds lock_duration(int failures, int failures_max) {
  if (failures < failures_max) {
    return std::chrono::seconds(0);
  }
  const auto doubled = std::chrono::minutes(1) * (1 << std::min(failures - failures_max, 10));
  return std::min<std::chrono::seconds>(doubled, std::chrono::minutes(15));
}

// Pure: time is handed in. For the newest addresses, by their digests. On one lane.
class failure_log {
 public:
  using clock = std::chrono::steady_clock;

  failure_log(int failures_max, std::size_t count_max) : failures_max_(failures_max), count_max_(count_max) {}

  // Zero: not locked.
  std::chrono::seconds locked_for(const std::string& digest, clock::time_point now) const {
    const auto found = places_.find(digest);
    return found == places_.end() || found->second->second.locked_until <= now
               ? std::chrono::seconds(0)
               : std::chrono::ceil<std::chrono::seconds>(found->second->second.locked_until - now);
  }

  // Attempts while it is locked don't count.
  void fail(const std::string& digest, clock::time_point now) {
    if (locked_for(digest, now) > std::chrono::seconds(0)) {
      return;
    }
    auto found = places_.find(digest);
    if (found == places_.end()) {
      if (places_.size() >= count_max_) {
        places_.erase(by_time_.back().first);
        by_time_.pop_back();
      }
      by_time_.emplace_front(digest, failures{});
      found = places_.emplace(digest, by_time_.begin()).first;
    } else {
      by_time_.splice(by_time_.begin(), by_time_, found->second);
    }
    auto& counted = found->second->second;
    counted.count = now - counted.failed_at > memory_max ? 1 : counted.count + 1;
    counted.failed_at = now;
    counted.locked_until = now + lock_duration(counted.count, failures_max_);
  }

  void forget(const std::string& digest) {
    if (const auto found = places_.find(digest); found != places_.end()) {
      by_time_.erase(found->second);
      places_.erase(found);
    }
  }

 private:
  // Far longer than the longest lock.
  static constexpr std::chrono::hours memory_max{2};

  struct failures {
    int count = 0;
    clock::time_point failed_at;
    clock::time_point locked_until;
  };

  int failures_max_;
  std::size_t count_max_;
  std::list<std::pair<std::string, failures>> by_time_;  // the newest first
  std::unordered_map<std::string, std::list<std::pair<std::string, failures>>::iterator> places_;
};

}  // namespace meridian::identity
