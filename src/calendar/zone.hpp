// A time zone: between the clocks on the wall there and the one time of all.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace date {
class time_zone;
}

namespace meridian::calendar {

// What a clock on the wall shows, in a zone that goes without saying.
using local_time = std::chrono::local_seconds;

// The zone data that Debian installs says when clocks change until 2037, so nothing is planned beyond this.
inline constexpr timestamp horizon = std::chrono::sys_days(std::chrono::year(2037) / 1 / 1);

// Where a local time falls.
struct placed_time {
  enum class kind {
    exact,
    gap,      // clocks jumped over it: `at` is as long after the jump as the time is after its beginning
    overlap,  // it comes twice: `at` is the first
  };
  timestamp at;
  kind how = kind::exact;
  std::optional<timestamp> again = {};  // NOLINT(readability-redundant-member-init): of an overlap, the second
};

// One zone of the IANA database that the system has, read at the first use. A small value; threads may share it.
class zone {
 public:
  // invalid_argument with the field `time_zone` for a name that is not there (case matters); internal when the system
  // has no time zone database.
  static result<zone> find(std::string_view name);

  std::string name() const;

  // Fractions of a second are cut off.
  local_time to_local(timestamp at) const;
  placed_time to_instant(local_time time) const;

 private:
  explicit zone(const date::time_zone& of) : of_(&of) {}

  const date::time_zone* of_;
};

// For a list to choose from; sorted.
std::vector<std::string> list_zones();

}  // namespace meridian::calendar
