// A channel as a live connection needs it.
#pragma once

#include <cstdint>

#include "topology/topology.hpp"

namespace meridian::realtime {

// As it was in one moment, for one profile that may see it.
struct place {
  std::int64_t channel_id = 0;
  std::int64_t workspace_id = 0;
  std::int64_t last_seq = 0;
  std::int64_t change_seq = 0;
  std::int64_t read_seq = 0;
  std::int64_t version = 0;
  bool is_member = false;
  const topology::region* home = nullptr;
};

}  // namespace meridian::realtime
