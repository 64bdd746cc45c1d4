// Serving processes as commands start and show them.
#pragma once

#include <string>

#include "serve/service_process.hpp"
#include "topology/topology.hpp"

namespace meridian::cli {

// How this topology's region is served unless somebody says otherwise; address and port are left to the caller. Errors
// as service_secrets_of.
result<serve::process_settings> serving_settings(const topology::topology& world, const std::string& region);

// "http://127.0.0.1:8081"
std::string url_of(const std::string& address, std::uint16_t port);

}  // namespace meridian::cli
