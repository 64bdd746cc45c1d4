// Which time zones there are.
#pragma once

#include <string>
#include <unordered_set>

#include "residency/regions.hpp"

namespace meridian::identity {

// As the databases know them (the IANA names); asked for once. On one lane.
class time_zones {
 public:
  explicit time_zones(residency::regions& where) : regions_(where) {}

  // invalid_argument with the field `time_zone` for one that nobody knows; case matters.
  task<void> check(std::string name, deadline until);

 private:
  task<void> load(deadline until);

  residency::regions& regions_;
  std::unordered_set<std::string> names_;
};

}  // namespace meridian::identity
