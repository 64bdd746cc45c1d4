#include "topology/door.hpp"

#include <fmt/core.h>

namespace meridian::topology {

std::string url_of(const serving_place& place) {
  const bool is_v6 = place.address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("http://[{}]:{}", place.address, place.port)
               : fmt::format("http://{}:{}", place.address, place.port);
}

}  // namespace meridian::topology
