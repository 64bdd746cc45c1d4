// Routes of messages, threads, reactions and read cursors.
#pragma once

#include "http/router.hpp"
#include "identity/guard.hpp"
#include "messaging/message_service.hpp"
#include "messaging/tail_cache.hpp"

namespace meridian::messaging {

// One for each lane; what it is given must outlive it, and it the routes.
class message_api {
 public:
  message_api(message_service& service, identity::guard& door, std::size_t tail_cache_bytes_max)
      : service_(service), door_(door), tails_(tail_cache_bytes_max) {}

  void add_routes(http::router& routes);

 private:
  task<http::response> post(http::request received, identity::principal who);
  task<http::response> list(http::request received, identity::principal who);
  task<http::response> list_tail(http::request received, identity::principal who, page_wanted wanted);
  task<http::response> list_changes(http::request received, identity::principal who);
  task<http::response> list_replies(http::request received, identity::principal who);
  task<http::response> get(http::request received, identity::principal who);
  task<http::response> edit(http::request received, identity::principal who);
  task<http::response> remove(http::request received, identity::principal who);
  task<http::response> list_revisions(http::request received, identity::principal who);
  task<http::response> react(http::request received, identity::principal who);
  task<http::response> mark_read(http::request received, identity::principal who);

  message_service& service_;
  identity::guard& door_;
  tail_cache tails_;
};

}  // namespace meridian::messaging
