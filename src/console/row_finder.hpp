// Where a row rests, by its id, for who may see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "identity/principal.hpp"
#include "residency/regions.hpp"

namespace meridian::console {

struct found_row {
  std::string kind;  // "profile", "workspace", "channel" or "message"
  std::string name;  // "" for a message and a direct channel
  std::string country;
  std::string relation;                    // the partition: "message_asia"
  std::string file;                        // below the node's data directory
  std::optional<std::int64_t> belongs_to;  // a channel's workspace, a message's channel, a person's main profile
  const topology::region* home = nullptr;
};

struct found_rows {
  std::vector<found_row> items;
  std::vector<residency::missing_region> missing;
};

// Rows of several kinds may have one id (the sample's do). not_found for none that `who` may see, unavailable when a
// region is missing that could have one.
task<found_rows> find_rows(residency::regions& where, identity::principal who, std::int64_t id, deadline until);

// Whether `who` owns or administers a workspace anywhere.
task<bool> is_in_charge(residency::regions& where, identity::principal who, deadline until);

}  // namespace meridian::console
