// How long things took: counts in buckets that grow with the value, so that memory is bounded and nothing is sampled.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace meridian::lab {

// From 0 to over an hour (longer counts as the longest). A percentile is at most 1 % above the truth and never below;
// count, mean and maximum are exact. 32 KiB.
class latency_histogram {
 public:
  using duration = std::chrono::nanoseconds;

  // Below zero counts as zero.
  void record(duration took);

  // Adds what the other has counted.
  void merge(const latency_histogram& other);

  std::uint64_t count() const { return count_; }
  duration max() const { return duration(max_ns_); }

  // Zero when nothing was recorded.
  duration mean() const;

  // The shortest time that `percent` of all took at most; 0 < percent <= 100. Zero when nothing was recorded.
  duration percentile(double percent) const;

 private:
  // Up to 2^fine_bits ns each value has its bucket; above, each power of two is cut into 2^(fine_bits - 1) buckets.
  static constexpr int fine_bits = 8;
  static constexpr int value_bits_max = 42;
  static constexpr std::size_t half = std::size_t{1} << (fine_bits - 1);
  static constexpr std::size_t bucket_count = (value_bits_max - fine_bits + 2) * half;

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t highest_in(std::size_t bucket);

  std::array<std::uint64_t, bucket_count> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ns_ = 0;
  double sum_ns_ = 0;
};

}  // namespace meridian::lab
