// The door of live connections: GET /v1/events.
#pragma once

#include "http/router.hpp"
#include "identity/session_guard.hpp"
#include "realtime/hub.hpp"

namespace meridian::realtime {

// One for each lane; what it is given outlives the handlers.
class events_api {
 public:
  events_api(hub& all, identity::session_guard& guard) : hub_(all), guard_(guard) {}

  void add_routes(http::router& routes);

 private:
  task<std::unique_ptr<http::websocket_listener>> open(http::request received);

  hub& hub_;
  identity::session_guard& guard_;
};

}  // namespace meridian::realtime
