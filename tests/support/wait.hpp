// Waiting for what will be, without guessing how long it takes.
#pragma once

#include <chrono>
#include <thread>

namespace meridian::test {

// Asks again and again until the condition holds or `longest` has passed; answers whether it came to hold. What is
// waited for is looked at at least once.
template <class Condition>
bool wait_until(Condition holds, std::chrono::milliseconds longest = std::chrono::seconds(15)) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + longest;
  while (!holds()) {
    if (clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace meridian::test
