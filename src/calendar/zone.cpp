// The only user of the date library: C++20's time zones, which the standard library of Debian 12 does not have yet. It
// reads /usr/share/zoneinfo, as PostgreSQL does; ICU brings zone data of its own, of its release's day.
#include "calendar/zone.hpp"

#include <algorithm>
#include <stdexcept>

#include <date/tz.h>
#include <fmt/core.h>

#include "base/suggest.hpp"

namespace meridian::calendar {
namespace {

constexpr std::size_t name_size_max = 64;

bool is_name(std::string_view text) {
  const auto is_allowed = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '/' || letter == '_' || letter == '-' || letter == '+';
  };
  return !text.empty() && text.size() <= name_size_max && std::ranges::all_of(text, is_allowed);
}

error no_zone(std::string_view name) {
  const auto quoted = is_name(name) ? fmt::format(" {}", name) : std::string();
  const auto meant = is_name(name) ? did_you_mean(name, list_zones()) : std::string();
  return {
      errc::invalid_argument, fmt::format("time_zone{} is not known{}", quoted, meant),
      "Accepted: a name of the IANA time zone database, such as Asia/Kolkata.", "time_zone"
  };
}

}  // namespace

result<zone> zone::find(std::string_view name) {
  if (!is_name(name)) {
    return no_zone(name);
  }
  try {
    date::get_tzdb();
  } catch (const std::runtime_error&) {
    return error{errc::internal, "this machine has no time zone database", "Install the package tzdata."};
  }
  try {
    return zone(*date::locate_zone(name));
  } catch (const std::runtime_error&) {
    return no_zone(name);
  }
}

std::string zone::name() const {
  return of_->name();
}

local_time zone::to_local(timestamp at) const {
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  return local_time(of_->to_local(whole).time_since_epoch());
}

placed_time zone::to_instant(local_time time) const {
  const auto found = of_->get_info(date::local_seconds(time.time_since_epoch()));
  const auto with = [time](const date::sys_info& one) {
    return timestamp(std::chrono::sys_seconds(time.time_since_epoch() - one.offset));
  };
  switch (found.result) {
    case date::local_info::nonexistent:
      // By the clock from before the jump: 02:30 becomes 03:30.
      return {with(found.first), placed_time::kind::gap};
    case date::local_info::ambiguous:
      return {with(found.first), placed_time::kind::overlap, with(found.second)};
    default:
      return {with(found.first)};
  }
}

std::vector<std::string> list_zones() {
  std::vector<std::string> names;
  for (const auto& one : date::get_tzdb().zones) {
    names.push_back(one.name());
  }
  return names;
}

}  // namespace meridian::calendar
