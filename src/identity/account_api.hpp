// Sessions, sign-up and passwords over HTTP.
#pragma once

#include <memory>
#include <string>

#include "http/router.hpp"
#include "identity/account_service.hpp"
#include "identity/guard.hpp"
#include "runtime/rate_limiter.hpp"

namespace meridian::identity {

struct account_api_settings {
  bool has_tls = true;  // browsers send the cookie over TLS only; false on a local topology
  // All that checks passwords, by the address that it comes from, over all lanes; none: no limit.
  std::shared_ptr<rate_limiter> attempts;
};

// One for each lane; what it is made of outlives it, and it outlives the router.
class account_api {
 public:
  account_api(account_service& accounts, guard& door, account_api_settings settings = {});

  // POST|GET /v1/sessions, DELETE /v1/sessions/current|{id}, POST /v1/profiles, PUT /v1/profiles/me/password
  void add_routes(http::router& routes);

 private:
  task<http::response> open_session(http::request received);
  task<http::response> switch_profile(http::request received, principal who);
  task<http::response> list_sessions(http::request received, principal who);
  task<http::response> end_session(http::request received, principal who);
  task<http::response> end_current_session(http::request received, principal who);
  task<http::response> sign_up(http::request received);
  task<http::response> sign_up_as(http::request received, principal who);
  task<http::response> sign_up_for(http::request received, std::optional<principal> who);
  task<http::response> change_password(http::request received, principal who);

  http::response answer_with(const opened_session& opened) const;
  std::string cookie_of(std::string_view token, std::chrono::seconds lasts) const;

  account_service& accounts_;
  guard& guard_;
  account_api_settings settings_;
  http::handler switch_profile_;  // behind the guard
  http::handler sign_up_as_;
};

// Before a password is checked, which costs much. rate_limited; no limit for nullptr.
result<void> count_attempt(rate_limiter* attempts, const std::string& peer_address);

}  // namespace meridian::identity
