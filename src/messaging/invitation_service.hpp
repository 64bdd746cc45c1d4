// Inviting people to a workspace, and coming by an invitation.
#pragma once

#include "identity/principal.hpp"
#include "messaging/announcer.hpp"
#include "messaging/invitation_store.hpp"
#include "messaging/settings.hpp"
#include "residency/homes.hpp"

namespace meridian::messaging {

// One for each lane. What it made durable it tells to `events`, which outlives it.
class invitation_service {
 public:
  invitation_service(residency::regions& where, bus::publisher& events, settings set);

  // By admins and owners, to a role that is not above their own. not_found to who is no member, forbidden.
  task<opened_invitation> create(
      identity::principal who, std::int64_t workspace_id, new_invitation wish, deadline until
  );
  // By admins and owners; those that are over, too.
  task<page<invitation>> list(identity::principal who, std::int64_t workspace_id, page_of_ids part, deadline until);
  // By admins and owners. Whoever came by it stays.
  task<void> revoke(identity::principal who, std::int64_t id, deadline until);

  // not_found for a token that opens nothing (any more).
  task<invitation_preview> preview(std::string token, deadline until);

  // The caller joins the workspace and its default channels; made.is_new tells whether he was not in it before. Each
  // use lets one profile in; who is in already uses none up. not_found as above.
  task<made<workspace>> accept(identity::principal who, std::string token, deadline until);

 private:
  void tell_joined(const invitation_store::welcome& joined, std::int64_t profile_id) const;
  const topology::region* find_home(std::string_view token) const;
  std::string secret_of(identity::principal who, std::int64_t workspace_id, const new_invitation& wish) const;
  task<opened_invitation> create_in(
      const topology::region& home, std::int64_t caller_id, std::int64_t workspace_id, std::string secret,
      new_invitation wish, deadline until
  );

  residency::regions& regions_;
  settings settings_;
  invitation_store store_;
  residency::homes workspaces_;
  residency::homes invitations_;
  announcer announcer_;
};

}  // namespace meridian::messaging
