#include "runtime/rate_limiter.hpp"

#include <algorithm>
#include <bit>
#include <span>

namespace meridian {
namespace {

constexpr std::size_t places_of_set = 4;

// Neighbouring ids go to different sets (the finaliser of splitmix64).
std::uint64_t scattered(std::uint64_t key) {
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9U;
  key = (key ^ (key >> 27)) * 0x94d049bb133111ebU;
  return key ^ (key >> 31);
}

std::int64_t nanoseconds_of(rate_limiter::clock::time_point when) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
}

}  // namespace

rate_limiter::rate_limiter(rate_limit limit)
    : token_ns_(limit.per_second > 0 ? static_cast<std::int64_t>(1e9 / limit.per_second) : 0),
      burst_ns_(static_cast<std::int64_t>(static_cast<double>(token_ns_) * std::max(limit.burst, 1.0))),
      places_(token_ns_ == 0 ? 0 : std::bit_ceil(std::max(limit.keys_max, places_of_set))) {}

rate_limiter::place& rate_limiter::place_of(std::uint64_t key) {
  const auto sets = places_.size() / places_of_set;
  const auto mine = std::span(places_).subspan((scattered(key) & (sets - 1)) * places_of_set, places_of_set);
  const auto known = std::ranges::find(mine, key, [](const place& one) { return one.key.load(); });
  if (known != mine.end()) {
    return *known;
  }
  auto& fullest = *std::ranges::min_element(mine, {}, [](const place& one) { return one.full_at.load(); });
  fullest.key = key;
  fullest.full_at = 0;
  return fullest;
}

bool rate_limiter::has_token(std::uint64_t key, clock::time_point now) {
  return token_ns_ == 0 ||
         std::max(place_of(key).full_at.load(), nanoseconds_of(now)) + token_ns_ - nanoseconds_of(now) <= burst_ns_;
}

bool rate_limiter::take(std::uint64_t key, clock::time_point now) {
  if (token_ns_ == 0) {
    return true;
  }
  auto& full_at = place_of(key).full_at;
  const auto at = nanoseconds_of(now);
  auto before = full_at.load();
  while (true) {
    const auto next = std::max(before, at) + token_ns_;
    if (next - at > burst_ns_) {
      return false;
    }
    if (full_at.compare_exchange_weak(before, next)) {
      return true;
    }
  }
}

}  // namespace meridian
