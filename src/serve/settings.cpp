#include "serve/settings.hpp"

#include <algorithm>

namespace meridian::serve {

std::string_view to_string(service which) {
  switch (which) {
    case service::profile:
      return "profile";
    case service::messaging:
      return "messaging";
    case service::reminders:
      return "reminders";
    case service::status:
      return "status";
  }
  return "";
}

std::optional<service> find_service(std::string_view name) {
  const auto found = std::ranges::find(all_services, name, [](service which) { return to_string(which); });
  return found == std::end(all_services) ? std::nullopt : std::optional(*found);
}

}  // namespace meridian::serve
