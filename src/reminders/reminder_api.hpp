// Routes of reminders.
#pragma once

#include "http/router.hpp"
#include "identity/guard.hpp"
#include "reminders/reminder_service.hpp"

namespace meridian::reminders {

// Answers a write with "Meridian-Reminders-Token", which a client that goes on elsewhere sends back; browsers have it
// as a cookie. Every read says in "Meridian-Staleness" how old it may be, in milliseconds, and in
// "Meridian-Served-From" which node it came from. One for each lane; what it is made of outlives it, and it outlives
// the router.
class reminder_api {
 public:
  reminder_api(reminder_service& reminders, identity::guard& door, bool has_tls)
      : reminders_(reminders), door_(door), has_tls_(has_tls) {}

  // POST|GET /v1/reminders, GET|PATCH|DELETE /v1/reminders/{id}, POST /v1/reminders/{id}/snooze and .../complete
  void add_routes(http::router& routes);

 private:
  using answer = task<http::response>;
  using method = answer (reminder_api::*)(http::request, identity::principal);

  void add(http::router& routes, http::verb verb, std::string_view pattern, method handle);

  answer create(http::request received, identity::principal who);
  answer list(http::request received, identity::principal who);
  answer get(http::request received, identity::principal who);
  answer edit(http::request received, identity::principal who);
  answer remove(http::request received, identity::principal who);
  answer snooze(http::request received, identity::principal who);
  answer complete(http::request received, identity::principal who);

  http::response answer_of(
      int status, const reminder& it, const std::optional<understanding>& understood = std::nullopt
  ) const;
  void set_token(http::response& answer, const http::request& received, log_position position) const;

  reminder_service& reminders_;
  identity::guard& door_;
  const bool has_tls_;
};

}  // namespace meridian::reminders
