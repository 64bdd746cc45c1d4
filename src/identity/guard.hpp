// The door of every route that needs a signed-in profile.
#pragma once

#include <functional>

#include "http/router.hpp"
#include "identity/principal.hpp"

namespace meridian::identity {

// A handler that knows who asks.
using handler = std::function<task<http::response>(http::request, principal)>;

// One for each lane; what it makes must not outlive it.
class guard {
 public:
  virtual ~guard() = default;

  // Calls it with the session that "Authorization: Bearer TOKEN" (RFC 6750) or the session cookie names. 401 for none,
  // for one that is unknown, expired or revoked, 429 when the profile asks too often, 503 when the region that knows
  // the session does not answer.
  virtual http::handler signed_in(handler handle) = 0;

  // The session was ended by a request on this lane, which need not wait to learn of it.
  virtual void forget(std::uint64_t /*session_number*/) {}
};

}  // namespace meridian::identity
