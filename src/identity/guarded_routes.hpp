// Routes that are member functions of one API object and need a signed-in profile.
#pragma once

#include <string_view>
#include <utility>

#include "http/router.hpp"
#include "identity/guard.hpp"

namespace meridian::identity {

// Fills a router; the door and the object must outlive that.
template <class Api>
class guarded_routes {
 public:
  using member = task<http::response> (Api::*)(http::request, principal);

  guarded_routes(http::router& routes, guard& door, Api& api) : routes_(routes), door_(door), api_(api) {}

  guarded_routes& add(http::verb method, std::string_view pattern, member handle, http::route_limits limits = {}) {
    routes_.add(method, pattern, behind_door(handle), limits);
    return *this;
  }

  // For a route that has other ways in as well.
  http::handler behind_door(member handle) {
    return door_.signed_in([&api = api_, handle](http::request received, principal who) {
      return (api.*handle)(std::move(received), who);
    });
  }

 private:
  http::router& routes_;
  guard& door_;
  Api& api_;
};

}  // namespace meridian::identity
