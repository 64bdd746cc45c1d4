// Routes of profiles. Making one is signing up: identity/account_api.
#pragma once

#include <memory>
#include <utility>

#include "http/router.hpp"
#include "identity/guard.hpp"
#include "profile/profile_service.hpp"
#include "runtime/rate_limiter.hpp"

namespace meridian::profile {

// One for each lane; what it is made of outlives it, and it outlives the router.
class profile_api {
 public:
  // `attempts`: account_api_settings::attempts.
  profile_api(profile_service& profiles, identity::guard& door, std::shared_ptr<rate_limiter> attempts = nullptr)
      : profiles_(profiles), door_(door), attempts_(std::move(attempts)) {}

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
  std::shared_ptr<rate_limiter> attempts_;
};

}  // namespace meridian::profile
