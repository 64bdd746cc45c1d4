// New ids, made by a service.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "base/ids.hpp"

namespace meridian {

// Of one lane. Two writers with the same number can make the same id when they do so in the same millisecond; each
// counts from a random number in it, so that they seldom do. The primary key refuses the second one.
class id_source {
 public:
  // `writer_number` is 1 to 31: 0 is the database's.
  explicit id_source(int writer_number) : writer_number_(writer_number) {}

  // Later than every one before, also when the clock is set back.
  std::int64_t next(int region_number, std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

 private:
  int writer_number_;
  int counter_ = 0;
  std::minstd_rand random_{std::random_device()()};
  std::chrono::sys_time<std::chrono::milliseconds> last_;
};

}  // namespace meridian
