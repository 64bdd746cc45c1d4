// The statements about who is in a workspace.
#pragma once

#include <map>
#include <vector>

#include "messaging/member.hpp"
#include "messaging/workspace.hpp"
#include "residency/regions.hpp"

namespace meridian::messaging {

// Errors are those of regions::run, and what the statements refuse (verdict.hpp).
class member_store {
 public:
  explicit member_store(residency::regions& where) : regions_(where) {}

  // Without their profiles, in the order of ids.
  task<page<member>> list(
      const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, page_of_ids part, deadline until
  );

  struct people {
    std::map<std::int64_t, person> by_id;
    std::string missing_regions;
  };
  // How the profiles are shown, from all regions at once; with `name_part`, those whose name holds it.
  task<people> list_people(std::vector<std::int64_t> profile_ids, std::optional<std::string> name_part, deadline until);

  task<member> update(
      const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, std::int64_t profile_id,
      role wanted, deadline until
  );

  struct removal {
    bool is_new = false;                    // else he was not there
    std::vector<std::int64_t> channel_ids;  // that he was in; at most 1,000
  };
  task<removal> remove(
      const topology::region& home, std::int64_t workspace_id, std::int64_t caller_id, std::int64_t profile_id,
      deadline until
  );

 private:
  residency::regions& regions_;
};

// A list of members as list statements answer it: no row is not_found, a row of nulls an empty list.
result<page<member>> page_of_members(const pg::rows& rows, std::size_t limit);

}  // namespace meridian::messaging
