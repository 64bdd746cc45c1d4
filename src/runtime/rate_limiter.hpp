// How often somebody may ask: a token bucket for each key, for a bounded number of keys.
#pragma once

#include <algorithm>
#include <chrono>
#include <list>
#include <unordered_map>
#include <utility>

namespace meridian {

struct rate_limit {
  double per_second = 0;  // 0: no limit
  double burst = 1;       // that many at once, after a rest; at least 1
  std::size_t keys_max = 100'000;
};

// Pure: time is handed in. Lives on one lane, so a key has that limit on each lane. When there are too many keys the
// one that asked longest ago is forgotten: it begins with a full bucket again, which it nearly has by then unless
// somebody sends from that many addresses.
template <class Key>
class rate_limiter {
 public:
  using clock = std::chrono::steady_clock;

  explicit rate_limiter(rate_limit limit) : limit_(limit) {}

  // Whether the key may go on now; takes one of its tokens when it may.
  bool take(const Key& key, clock::time_point now) {
    if (limit_.per_second <= 0) {
      return true;
    }
    auto& held = bucket_of(key, now);
    const std::chrono::duration<double> rested = now - held.filled_at;
    held.tokens = std::min(limit_.burst, held.tokens + rested.count() * limit_.per_second);
    held.filled_at = now;
    if (held.tokens < 1) {
      return false;
    }
    held.tokens -= 1;
    return true;
  }

  std::size_t size() const { return places_.size(); }

 private:
  struct bucket {
    double tokens;
    clock::time_point filled_at;
  };
  using entry = std::pair<Key, bucket>;

  bucket& bucket_of(const Key& key, clock::time_point now) {
    if (const auto found = places_.find(key); found != places_.end()) {
      by_use_.splice(by_use_.begin(), by_use_, found->second);
      return found->second->second;
    }
    if (places_.size() >= limit_.keys_max) {
      places_.erase(by_use_.back().first);
      by_use_.pop_back();
    }
    by_use_.emplace_front(key, bucket{limit_.burst, now});
    places_.emplace(key, by_use_.begin());
    return by_use_.front().second;
  }

  rate_limit limit_;
  std::list<entry> by_use_;  // the newest first
  std::unordered_map<Key, typename std::list<entry>::iterator> places_;
};

}  // namespace meridian
