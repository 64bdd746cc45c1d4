// Tells those who watch a profile of its status.
#pragma once

#include <unordered_map>

#include "bus/event.hpp"
#include "status/status.hpp"

namespace meridian::status {

// One for each lane. Remembers what it told last of some thousand profiles, so that the poll need not tell it again.
class announcer {
 public:
  explicit announcer(bus::publisher& out) : out_(out) {}

  // Publishes it, unless it was the last that was told of the profile, or nobody looks at him.
  void announce(const setting& shown);

 private:
  bus::publisher& out_;
  std::unordered_map<std::int64_t, std::string> told_;  // profile → frame
};

}  // namespace meridian::status
