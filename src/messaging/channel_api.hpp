// Routes of channels and who is in them.
#pragma once

#include "http/router.hpp"
#include "identity/guard.hpp"
#include "messaging/channel_service.hpp"

namespace meridian::messaging {

// One for each lane; what it is made of outlives it, and it outlives the router.
class channel_api {
 public:
  channel_api(channel_service& channels, identity::guard& door) : channels_(channels), door_(door) {}

  void add_routes(http::router& routes);

 private:
  using answer = task<http::response>;

  answer list(http::request received, identity::principal who);
  answer create(http::request received, identity::principal who);
  answer list_own(http::request received, identity::principal who);
  answer get(http::request received, identity::principal who);
  answer update(http::request received, identity::principal who);
  answer list_members(http::request received, identity::principal who);
  answer add_member(http::request received, identity::principal who);
  answer remove_member(http::request received, identity::principal who);

  channel_service& channels_;
  identity::guard& door_;
};

}  // namespace meridian::messaging
