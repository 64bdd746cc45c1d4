// Ids: 63 bits, ordered by time, made where the row rests.
#pragma once

#include <chrono>
#include <cstdint>

namespace meridian {

// Milliseconds since 2024-01-01T00:00:00Z (41 bits: until 2093) | region (5) | writer (5) | counter (12).
// sql/schema/platform/001_ids.sql makes the same layout. Ids below 2^22 were chosen by hand (the sample data) and tell
// no region; the region of a row that moved is out of date too. So the region is a hint: where to ask first.
struct id_parts {
  std::chrono::sys_time<std::chrono::milliseconds> made_at;
  int region_number;  // 0 to 31; 0 = not placed
  int writer_number;  // 0 to 31; 0 = made by the database
  int counter;        // 0 to 4095
};

inline constexpr int region_number_max = 31;

id_parts parts_of(std::int64_t id);

// `parts` must be in range and made_at not before 2024.
std::int64_t id_of(const id_parts& parts);

}  // namespace meridian
