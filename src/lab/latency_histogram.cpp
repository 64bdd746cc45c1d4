#include "lab/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace meridian::lab {

std::size_t latency_histogram::bucket_of(std::uint64_t value) {
  constexpr std::uint64_t value_max = (std::uint64_t{1} << value_bits_max) - 1;
  value = std::min(value, value_max);
  const auto bits = static_cast<int>(std::bit_width(value));
  const int dropped = std::max(0, bits - fine_bits);
  return static_cast<std::size_t>(dropped) * half + static_cast<std::size_t>(value >> dropped);
}

std::uint64_t latency_histogram::highest_in(std::size_t bucket) {
  const std::size_t dropped = bucket < 2 * half ? 0 : bucket / half - 1;
  const std::uint64_t leading = bucket - dropped * half;
  return ((leading + 1) << dropped) - 1;
}

void latency_histogram::record(duration took) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
  ++counts_[bucket_of(value)];
  ++count_;
  max_ns_ = std::max(max_ns_, value);
  sum_ns_ += static_cast<double>(value);
}

void latency_histogram::merge(const latency_histogram& other) {
  for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
    counts_[bucket] += other.counts_[bucket];
  }
  count_ += other.count_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
  sum_ns_ += other.sum_ns_;
}

latency_histogram::duration latency_histogram::mean() const {
  return duration(count_ == 0 ? 0 : std::llround(sum_ns_ / static_cast<double>(count_)));
}

latency_histogram::duration latency_histogram::percentile(double percent) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(static_cast<double>(count_) * percent / 100));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < bucket_count && count_ > 0; ++bucket) {
    seen += counts_[bucket];
    if (seen >= std::max<std::uint64_t>(wanted, 1)) {
      // The last bucket has no upper end, and no bucket holds more than the maximum.
      return duration(bucket + 1 == bucket_count ? max_ns_ : std::min(highest_in(bucket), max_ns_));
    }
  }
  return duration(max_ns_);
}

}  // namespace meridian::lab
