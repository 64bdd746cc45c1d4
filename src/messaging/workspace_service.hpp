// Who may do what with workspaces, and that a URL belongs to one of them.
#pragma once

#include "identity/principal.hpp"
#include "messaging/announcer.hpp"
#include "messaging/settings.hpp"
#include "messaging/workspace_store.hpp"

namespace meridian::messaging {

// One for each lane. not_found is said to whoever is no member. What it made durable it tells to `events`, which
// outlives it.
class workspace_service {
 public:
  workspace_service(residency::regions& where, bus::publisher& events, settings set);

  // Those of the caller, over all regions.
  task<page<workspace>> list(identity::principal who, page_of_ids part, deadline until);

  task<workspace> get(identity::principal who, std::int64_t id, deadline until);

  // An admin gives it another name. forbidden, stale when it has another version than that one.
  task<workspace> rename(
      identity::principal who, std::int64_t id, std::string name, std::optional<std::int64_t> version, deadline until
  );

  // The caller becomes its owner. invalid_argument with the field, conflict when a workspace of any region has the URL,
  // retry while somebody else is about to take it.
  task<made<workspace>> create(identity::principal who, new_workspace wish, deadline until);

 private:
  task<std::int64_t> claim(
      std::string digest, const topology::region& home, std::optional<error> missing, deadline until
  );

  residency::regions& regions_;
  settings settings_;
  workspace_store store_;
  residency::homes homes_;
  announcer announcer_;
};

}  // namespace meridian::messaging
