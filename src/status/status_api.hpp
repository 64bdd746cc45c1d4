// Routes of statuses.
#pragma once

#include "http/router.hpp"
#include "identity/guard.hpp"
#include "status/status_service.hpp"

namespace meridian::status {

// One for each lane; what it is made of outlives it, and it outlives the router. Answers carry Meridian-Served-From,
// the cluster that was asked.
class status_api {
 public:
  status_api(status_service& statuses, identity::guard& door) : statuses_(statuses), door_(door) {}

  // GET|PUT|DELETE /v1/profiles/{id}/status, GET /v1/statuses?profile_ids=1,2, GET /v1/channels/{id}/statuses,
  // GET /v1/statuses/conflicts, PUT|DELETE /v1/profiles/{id}/notifications/pause
  void add_routes(http::router& routes);

 private:
  using answer = task<http::response>;
  using method = answer (status_api::*)(http::request, identity::principal);

  void add(http::router& routes, http::verb verb, std::string_view pattern, method handle);

  answer get(http::request received, identity::principal who);
  answer set(http::request received, identity::principal who);
  answer clear(http::request received, identity::principal who);
  answer list(http::request received, identity::principal who);
  answer list_of_channel(http::request received, identity::principal who);
  answer list_conflicts(http::request received, identity::principal who);
  answer pause(http::request received, identity::principal who);
  answer resume(http::request received, identity::principal who);

  status_service& statuses_;
  identity::guard& door_;
};

}  // namespace meridian::status
