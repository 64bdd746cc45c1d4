// Who is in a workspace, and who may change that.
#pragma once

#include "identity/principal.hpp"
#include "messaging/announcer.hpp"
#include "messaging/member_store.hpp"
#include "residency/homes.hpp"

namespace meridian::messaging {

// One for each lane. not_found is said to whoever is no member. What it made durable it tells to `events`, which
// outlives it.
class member_service {
 public:
  member_service(residency::regions& where, bus::publisher& events);

  // With their profiles, which come from all regions. `name_part` keeps those whose name holds it, letter case aside;
  // then a page may be shorter than its limit although more follow, for only so many names are looked at in one
  // request.
  task<page<member>> list(
      identity::principal who, std::int64_t workspace_id, std::optional<std::string> name_part, page_of_ids part,
      deadline until
  );

  // An admin or an owner changes the role of somebody who is not above him, to one that is not above his own.
  // forbidden; conflict for the last owner.
  task<member> set_role(
      identity::principal who, std::int64_t workspace_id, std::int64_t profile_id, role wanted, deadline until
  );

  // Out of the workspace and all its channels: an admin or an owner removes somebody who is not above him, everybody
  // himself. Who is not there is removed already. forbidden; conflict for the last owner.
  task<void> remove(identity::principal who, std::int64_t workspace_id, std::int64_t profile_id, deadline until);

  // Puts the profiles in.
  task<page<member>> introduce(page<member> members, deadline until);

 private:
  task<page<member>> list_in(
      const topology::region& home, std::int64_t caller_id, std::int64_t workspace_id,
      std::optional<std::string> name_part, page_of_ids part, deadline until
  );
  task<page<member>> search_in(
      const topology::region& home, std::int64_t caller_id, std::int64_t workspace_id, std::string name_part,
      page_of_ids part, deadline until
  );

  member_store store_;
  residency::homes homes_;
  announcer announcer_;
};

}  // namespace meridian::messaging
