#include "identity/time_zones.hpp"

#include <fmt/core.h>

#include "identity/queries.hpp"

namespace meridian::identity {

task<void> time_zones::load(deadline until) {
  pg::arguments none;
  MERIDIAN_CO_TRY(const auto found, co_await regions_.find_first(queries::list_time_zones, std::move(none), until));
  if (found) {
    for (const auto row : found->rows) {
      names_.insert(row.get<std::string>(0));
    }
  }
  co_return result<void>();
}

task<void> time_zones::check(std::string name, deadline until) {
  if (names_.empty()) {
    MERIDIAN_CO_CHECK(co_await load(until));
  }
  if (!names_.contains(name)) {
    co_return error{
        errc::invalid_argument, fmt::format("time_zone {} is not known", name),
        "Accepted: a name of the IANA time zone database, such as Asia/Kolkata.", "time_zone"
    };
  }
  co_return result<void>();
}

}  // namespace meridian::identity
