// The processes that serve a topology's regions.
#pragma once

#include <string>

#include <sys/types.h>

#include <boost/json.hpp>

#include "support/local_topology.hpp"

namespace meridian::test {

// As `meridian status` tells it; 0 when there is none.
inline pid_t serving_pid(const local_topology& world, const std::string& region) {
  const auto status = boost::json::parse(world.run({"status", "--json"}).output);
  for (const auto& service : status.at("services").as_array()) {
    if (service.at("region").as_string() == region) {
      return static_cast<pid_t>(service.at("pid").as_int64());
    }
  }
  return 0;
}

}  // namespace meridian::test
