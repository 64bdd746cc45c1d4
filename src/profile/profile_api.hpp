// Routes of profiles. Making one is signing up: identity/account_api.
#pragma once

#include "http/router.hpp"
#include "identity/guard.hpp"
#include "profile/profile_service.hpp"

namespace meridian::profile {

// One for each lane; what it is made of outlives it, and it outlives the router.
class profile_api {
 public:
  profile_api(profile_service& profiles, identity::guard& door) : profiles_(profiles), door_(door) {}

  // GET /v1/profiles/me, GET|PATCH /v1/profiles/{id}, GET /v1/profiles?query=&title=&time_zone=
  void add_routes(http::router& routes);

 private:
  using answer = task<http::response>;

  answer get_own(http::request received, identity::principal who);
  answer get(http::request received, identity::principal who);
  answer edit(http::request received, identity::principal who);
  answer search(http::request received, identity::principal who);

  profile_service& profiles_;
  identity::guard& door_;
};

}  // namespace meridian::profile
