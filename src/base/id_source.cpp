#include "base/id_source.hpp"

#include <algorithm>

namespace meridian {

std::int64_t id_source::next(int region_number, std::chrono::system_clock::time_point now) {
  constexpr int counter_max = 4095;
  constexpr unsigned start_max = counter_max / 2;  // half of a millisecond's ids at least can be made in it
  const auto at = std::max(last_, std::chrono::floor<std::chrono::milliseconds>(now));
  counter_ = at > last_ ? static_cast<int>(random_() % (start_max + 1)) : counter_ + 1;
  last_ = at;
  if (counter_ > counter_max) {  // a millisecond is full: borrow from the next one
    last_ += std::chrono::milliseconds(1);
    counter_ = 0;
  }
  return id_of({last_, region_number, writer_number_, counter_});
}

}  // namespace meridian
