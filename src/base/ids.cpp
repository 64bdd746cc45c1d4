#include "base/ids.hpp"

namespace meridian {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::sys_days epoch = std::chrono::January / 1 / 2024;
constexpr int counter_bits = 12;
constexpr int writer_bits = 5;
constexpr int region_bits = 5;

constexpr int low_bits(std::int64_t value, int count) {
  return static_cast<int>(value & ((1 << count) - 1));
}

}  // namespace

id_parts parts_of(std::int64_t id) {
  const auto after_counter = id >> counter_bits;
  const auto after_writer = after_counter >> writer_bits;
  return {
      .made_at = epoch + milliseconds(after_writer >> region_bits),
      .region_number = low_bits(after_writer, region_bits),
      .writer_number = low_bits(after_counter, writer_bits),
      .counter = low_bits(id, counter_bits),
  };
}

std::int64_t id_of(const id_parts& parts) {
  const std::int64_t elapsed_ms = (parts.made_at - epoch).count();
  return (((elapsed_ms << region_bits | parts.region_number) << writer_bits | parts.writer_number) << counter_bits) |
         parts.counter;
}

}  // namespace meridian
