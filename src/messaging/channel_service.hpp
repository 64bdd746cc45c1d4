// Channels: what they are called, who sees them and who is in them.
#pragma once

#include "identity/principal.hpp"
#include "messaging/announcer.hpp"
#include "messaging/channel_store.hpp"
#include "messaging/member_service.hpp"
#include "residency/homes.hpp"

namespace meridian::messaging {

// One for each lane. not_found is said to whoever does not see the channel: a public one is seen by the members of its
// workspace but its guests, every other by who is in it.
class channel_service {
 public:
  // `members` and `events` outlive it. What it made durable it tells to `events`.
  channel_service(residency::regions& where, member_service& members, bus::publisher& events);

  // Those of the workspace that the caller sees. not_found to who is not in the workspace.
  task<page<channel>> list(
      identity::principal who, std::int64_t workspace_id, channel_filter which, page_of_ids part, deadline until
  );

  // Those that the caller is in, over all workspaces and regions; archived ones are left out.
  task<page<channel>> list_own(identity::principal who, page_of_ids part, deadline until);

  task<channel> get(identity::principal who, std::int64_t id, deadline until);

  // By anybody but guests. invalid_argument with the field, conflict when the name is taken or somebody is not in the
  // workspace.
  task<made<channel>> create(identity::principal who, std::int64_t workspace_id, new_channel wish, deadline until);

  // Between the caller and those; between nobody else, where there are none. The same people find the same channel.
  task<made<channel>> open_direct(
      identity::principal who, std::int64_t workspace_id, std::vector<std::int64_t> profile_ids, deadline until
  );

  // Name and archive by its maker, admins and owners; the topic by everybody in it, too. forbidden, stale, conflict.
  task<channel> update(identity::principal who, std::int64_t id, channel_change what, deadline until);

  task<page<member>> list_members(identity::principal who, std::int64_t id, page_of_ids part, deadline until);

  // Everybody joins public channels himself; who is in a channel, and no guest, adds others of the workspace. Who is
  // there is added already. forbidden, conflict for direct and archived channels and for strangers.
  task<void> add_member(identity::principal who, std::int64_t id, std::int64_t profile_id, deadline until);

  // Everybody leaves himself; its maker, admins and owners remove who is not above them. Who is not there is removed
  // already. forbidden, conflict for direct channels.
  task<void> remove_member(identity::principal who, std::int64_t id, std::int64_t profile_id, deadline until);

 private:
  void tell_entered(const channel& where, const std::vector<std::int64_t>& profile_ids) const;
  task<made<channel>> create_again(
      const topology::region& home, std::int64_t caller_id, std::int64_t workspace_id, new_channel wish, deadline until
  );
  task<opened_direct> open_again(
      const topology::region& home, std::int64_t caller_id, std::int64_t workspace_id, std::vector<std::int64_t> people,
      deadline until
  );

  channel_store store_;
  member_service& members_;
  residency::homes workspaces_;
  residency::homes channels_;
  announcer announcer_;
};

}  // namespace meridian::messaging
