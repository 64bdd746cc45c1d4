// Who hears of every answer that a server gives.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/router.hpp"

namespace meridian::http {

// One request and its answer. The views hold for the call only.
struct exchange {
  std::optional<verb> method;      // none when the request was malformed before it said so
  const route* matched = nullptr;  // the router's; nullptr when there was none, or the request did not come so far
  int status = 0;
  std::chrono::steady_clock::duration duration{};  // from the request's first byte to the answer's last one
  std::size_t body_bytes = 0;                      // of the answer
  std::string_view request_id;

  // "" without a route. Never the path itself, which may name people.
  std::string_view pattern() const { return matched == nullptr ? std::string_view() : matched->pattern; }
};

// Called on the server's lane, after each answer has been sent (or its client has gone). Not called for a connection
// that ends without one.
class observer {
 public:
  observer() = default;
  observer(const observer&) = delete;
  observer& operator=(const observer&) = delete;
  virtual ~observer() = default;

  virtual void on_answer(const exchange& done) noexcept = 0;
};

// What a server does around its routes.
struct server_hooks {
  std::shared_ptr<observer> watcher;  // none: nobody hears
  header_list common_headers;         // every answer carries them, also those that no handler gave

  // Peers whose X-Forwarded-For is believed: its last address is then the request's peer_address.
  std::vector<std::string> proxies;
};

}  // namespace meridian::http
