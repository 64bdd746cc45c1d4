// The web application over HTTP, and what it asks about the topology before anybody has signed in.
#pragma once

#include "http/router.hpp"
#include "serve/process_state.hpp"
#include "serve/region_watch.hpp"

namespace meridian::serve {

// Each file of process_settings::web by its own path, and its index.html for the paths that the application knows. A
// process without web files says so at /.
void add_web_routes(http::router& routes, const process_settings& settings);

// GET /v1/regions: where this page may be served from, and how far each region is from this process. One for each lane;
// what it is given outlives it.
class region_api {
 public:
  region_api(const process_state& process, const region_watch& watch) : process_(process), watch_(watch) {}

  void add_routes(http::router& routes) const;

 private:
  task<http::response> list_regions() const;

  const process_state& process_;
  const region_watch& watch_;
};

}  // namespace meridian::serve
