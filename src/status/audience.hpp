// What Status asks of those who know people and channels; serve/ wires it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "identity/principal.hpp"
#include "runtime/deadline.hpp"
#include "runtime/task.hpp"

namespace meridian::status {

// Profiles, and which regions could not be asked about others ("asia, europe"; "" for none).
struct people {
  std::vector<std::int64_t> ids;
  std::string missing_regions;
};

// Who sees whose status: people who share a workspace, and a person all of his profiles.
class acquaintance {
 public:
  virtual ~acquaintance() = default;

  // Those of the profiles whom the caller sees, in any order.
  virtual task<people> filter(identity::principal who, std::vector<std::int64_t> profile_ids, deadline until) = 0;

  // Everybody whom the caller sees; some thousands at most.
  virtual task<people> list(identity::principal who, deadline until) = 0;

  // Whether it is a profile of the caller's. unavailable when that can't be told.
  virtual task<bool> is_own(identity::principal who, std::int64_t profile_id, deadline until) = 0;
};

struct member_page {
  std::vector<std::int64_t> profile_ids;
  std::optional<std::int64_t> next_behind;  // none at the end
};

class channel_members {
 public:
  virtual ~channel_members() = default;

  // Who is in the channel, by id from behind one. not_found to who does not see it.
  virtual task<member_page> list(
      identity::principal who, std::int64_t channel_id, std::int64_t behind, std::size_t limit, deadline until
  ) = 0;
};

}  // namespace meridian::status
