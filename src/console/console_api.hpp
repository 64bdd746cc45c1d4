// The geo console's routes.
#pragma once

#include <memory>
#include <string>

#include "console/lab.hpp"
#include "console/observer.hpp"
#include "http/router.hpp"
#include "identity/guard.hpp"

namespace meridian::console {

struct console_settings {
  std::string instance;              // of the serving process
  std::string lab_key;               // of its tokens: the same in all processes of the topology
  std::shared_ptr<lab_actions> lab;  // none outside a local topology
};

// One for each lane; what it is given outlives it.
//
// GET /v1/topology, /v1/topology/health and /v1/residency/{id} are for people who are signed in. GET /v1/lab gives one
// who owns or administers a workspace a token for an hour; with it as Meridian-Lab-Token, and from this machine only,
// POST /v1/lab/... break and mend the local topology, and the first two are answered without a session: the region that
// knows the session may be down just then.
class console_api {
 public:
  console_api(observer& watch, residency::regions& where, identity::guard& door, console_settings settings)
      : observer_(watch), regions_(where), door_(door), settings_(std::move(settings)) {}

  void add_routes(http::router& routes);

 private:
  using open_method = task<http::response> (console_api::*)(http::request);

  void add_open(http::router& routes, std::string_view pattern, open_method handle);
  task<http::response> get_topology(http::request received);
  task<http::response> get_health(http::request received);
  task<http::response> find_row(http::request received, identity::principal who);
  task<http::response> get_lab(http::request received, identity::principal who);
  task<http::response> act_on_node(http::request received);
  task<http::response> act_on_link(http::request received);

  bool is_local() const;
  bool has_permit(const http::request& received) const;
  result<void> check_may_act(const http::request& received) const;
  result<const topology::node*> node_of(const http::request& received, std::string_view capture) const;

  observer& observer_;
  residency::regions& regions_;
  identity::guard& door_;
  console_settings settings_;
};

}  // namespace meridian::console
