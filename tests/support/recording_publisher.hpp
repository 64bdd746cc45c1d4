// Hears everything that services tell, in a test. Whoever uses it links bus.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bus/event.hpp"

namespace meridian::test {

class recording_publisher final : public bus::publisher {
 public:
  void publish(bus::event what) override { told.push_back(std::move(what)); }

  // The frames since the last call.
  std::vector<std::string> frames() {
    std::vector<std::string> taken;
    for (auto& one : std::exchange(told, {})) {
      taken.push_back(std::move(one.frame));
    }
    return taken;
  }

  std::vector<bus::event> told;
};

}  // namespace meridian::test
