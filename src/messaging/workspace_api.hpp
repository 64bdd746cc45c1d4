// Routes of workspaces, their members and invitations.
#pragma once

#include "http/router.hpp"
#include "identity/guard.hpp"
#include "messaging/invitation_service.hpp"
#include "messaging/member_service.hpp"
#include "messaging/workspace_service.hpp"

namespace meridian::messaging {

// One for each lane; what it is made of outlives it, and it outlives the router.
class workspace_api {
 public:
  workspace_api(
      workspace_service& workspaces, member_service& members, invitation_service& invitations, identity::guard& door
  )
      : workspaces_(workspaces), members_(members), invitations_(invitations), door_(door) {}

  void add_routes(http::router& routes);

 private:
  using answer = task<http::response>;

  answer list_workspaces(http::request received, identity::principal who);
  answer create_workspace(http::request received, identity::principal who);
  answer get_workspace(http::request received, identity::principal who);
  answer rename_workspace(http::request received, identity::principal who);
  answer list_members(http::request received, identity::principal who);
  answer set_role(http::request received, identity::principal who);
  answer remove_member(http::request received, identity::principal who);
  answer list_invitations(http::request received, identity::principal who);
  answer create_invitation(http::request received, identity::principal who);
  answer revoke_invitation(http::request received, identity::principal who);
  answer preview_invitation(http::request received, identity::principal who);
  answer accept_invitation(http::request received, identity::principal who);

  workspace_service& workspaces_;
  member_service& members_;
  invitation_service& invitations_;
  identity::guard& door_;
};

}  // namespace meridian::messaging
