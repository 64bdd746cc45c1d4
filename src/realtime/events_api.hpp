// The door of live connections: GET /v1/events.
#pragma once

#include <string>
#include <vector>

#include "http/router.hpp"
#include "identity/session_guard.hpp"
#include "realtime/hub.hpp"

namespace meridian::realtime {

struct events_api_settings {
  // Of pages that may open a connection besides those of the own host: "https://chat.example.org".
  std::vector<std::string> origins;
};

// One for each lane; what it is given outlives the handlers.
class events_api {
 public:
  events_api(hub& all, identity::session_guard& guard, events_api_settings settings = {});

  void add_routes(http::router& routes);

 private:
  task<std::unique_ptr<http::websocket_listener>> open(http::request received);
  result<void> check_origin(const http::request& received) const;

  hub& hub_;
  identity::session_guard& guard_;
  events_api_settings settings_;
};

}  // namespace meridian::realtime
