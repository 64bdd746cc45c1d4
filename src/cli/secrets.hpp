// What a serving process signs in with.
#pragma once

#include <string>

#include "base/result.hpp"
#include "topology/topology.hpp"

namespace meridian::cli {

struct service_secrets {
  std::string database_password;  // of the role meridian_service
  std::string digest_key;         // of the e-mail digests
  std::string bus_password;       // "" for a topology without a bus
};

// From the state directory of a local topology that has been up, else from MERIDIAN_DATABASE_PASSWORD,
// MERIDIAN_DIGEST_KEY and, where there is a bus, MERIDIAN_BUS_PASSWORD. With the first, root gives up its rights for
// those of the nodes' account. not_found when neither has them, invalid_argument for a key that is too short.
result<service_secrets> service_secrets_of(const topology::topology& world);

}  // namespace meridian::cli
