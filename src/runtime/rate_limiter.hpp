// How often somebody may ask, over all lanes of a process: a token bucket for each key, without locks.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

namespace meridian {

struct rate_limit {
  double per_second = 0;  // 0: no limit
  double burst = 1;       // that many at once, after a rest; at least 1
  std::size_t keys_max = 100'000;
};

// From any thread. A bucket is one number, the moment when it is full again (the generic cell rate algorithm, ITU-T
// I.371), so a bucket that is full is an empty place for whoever needs one. A key that finds no place takes that of the
// one that is nearest to being full. Two threads that take a place at the same moment may let one request more through.
class rate_limiter {
 public:
  using clock = std::chrono::steady_clock;

  // Holds 16 bytes for each of keys_max keys.
  explicit rate_limiter(rate_limit limit);

  // Whether the key (not 0) may go on now; takes one of its tokens when it may.
  bool take(std::uint64_t key, clock::time_point now);

  // Whether it could, without taking one: for those who pay afterwards, when it came to nothing.
  bool has_token(std::uint64_t key, clock::time_point now);

 private:
  struct place {
    std::atomic<std::uint64_t> key{0};
    std::atomic<std::int64_t> full_at{0};  // nanoseconds of the clock
  };

  place& place_of(std::uint64_t key);

  const std::int64_t token_ns_;  // what a token takes to come back; 0: no limit
  const std::int64_t burst_ns_;  // and all of them
  std::vector<place> places_;    // in sets of a few; a key has one set. A power of two of them
};

}  // namespace meridian
