// Where people and programs reach a serving process.
#pragma once

#include <string>

#include "topology/topology.hpp"

namespace meridian::topology {

// "http://127.0.0.1:8081"
std::string url_of(const serving_place& place);

}  // namespace meridian::topology
