// A workspace: a company's or a team's own place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "messaging/role.hpp"
#include "topology/topology.hpp"

namespace meridian::messaging {

// As one of its members sees it.
struct workspace {
  std::int64_t id = 0;
  std::string name;
  std::string url;
  std::string country;  // which decides where it rests, with all that is in it
  std::int64_t version = 0;
  std::optional<std::int64_t> created_by;
  timestamp created_at;
  messaging::role own_role = role::guest;
  timestamp joined_at;
  const topology::region* home = nullptr;
};

struct new_workspace {
  std::string name;
  std::string url;
  std::string country;                      // a name, code or alias
  std::optional<std::string> creation_key;  // a repeat with the same key and URL answers with the first result
};

// What a write answers with: made now, or found as an earlier one made it.
template <class Row>
struct made {
  Row row;
  bool is_new = false;
};

// A part of a list in the order of ids.
template <class Row>
struct page {
  std::vector<Row> rows;
  std::optional<std::int64_t> next_behind;  // the id behind which the next page begins; none at the end
  std::string missing_regions;              // whose rows, or parts of rows, are not here; "" when all answered
};

// The part of a list behind an id (0: from the start); `limit` is at least 1.
struct page_of_ids {
  std::int64_t behind = 0;
  std::size_t limit = 50;
};

}  // namespace meridian::messaging
