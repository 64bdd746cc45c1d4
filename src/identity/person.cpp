#include "identity/person.hpp"

namespace meridian::identity {

person person_of(const pg::row& row, const topology::region& home) {
  person found;
  found.id = row.get<std::int64_t>(0);
  found.full_name = row.get<std::string>(1);
  found.email = row.get<std::string>(2);
  found.phone = row.get<std::optional<std::string>>(3);
  found.title = row.get<std::string>(4);
  found.time_zone = row.get<std::string>(5);
  found.country = row.get<std::string>(6);
  found.main_profile_id = row.get<std::int64_t>(7);
  found.version = row.get<std::int64_t>(8);
  found.created_at = row.get<timestamp>(9);
  found.deactivated_at = row.get<std::optional<timestamp>>(10);
  found.home = &home;
  return found;
}

}  // namespace meridian::identity
