// Which handler answers a request.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "http/websocket.hpp"
#include "runtime/task.hpp"

namespace meridian::http {

// Runs on the server's lane. An error becomes a problem; what it throws is logged and answered 500 without a word.
using handler = std::function<task<response>(request)>;

// What is not set is the server's default (server_limits).
struct route_limits {
  std::optional<std::size_t> body_bytes_max;
  std::optional<std::chrono::milliseconds> time_max;
};

struct route {
  verb method;
  std::string pattern;
  handler handle;
  route_limits limits;
  std::vector<std::string> capture_names;
  websocket_handler upgrade;  // of one that becomes a live connection; `handle` answers who does not ask for it
  websocket_limits live_limits;
};

// A tree of path segments. A literal is tried before a {name:number}, and that before a {name}. Filled at start-up,
// then constant; what `find` points to lives as long as the router and is not moved.
class router {
 public:
  router();

  // Patterns are "/v1/channels/{id:number}/messages": a segment is a literal, {name} for any text that is not empty, or
  // {name:number} for the decimal digits of a positive std::int64_t without leading zeros (other text does not match,
  // so it is a 404). GET answers HEAD too. A pattern that is malformed or taken is a bug in the program and throws
  // std::logic_error.
  router& add(verb method, std::string_view pattern, handler handle, route_limits limits = {});

  // A GET that becomes a live connection. An ordinary one is answered 426. Patterns as above.
  router& add_websocket(
      std::string_view pattern, websocket_handler upgrade, const websocket_limits& live_limits = {},
      route_limits limits = {}
  );

  struct match {
    const route* found = nullptr;
    capture_list captures;  // of `found`, in the path that was given
    unsigned allowed = 0;   // where nothing was found: a bit for each verb that this path does answer
  };

  // In the order in which they were added.
  const std::vector<route>& routes() const { return routes_; }

  // `path` is decoded. No allocation.
  match find(verb method, std::string_view path) const;

 private:
  static constexpr std::size_t none = 0;  // the root is nobody's child

  struct node {
    std::vector<std::pair<std::string, std::size_t>> literals;
    std::size_t number = none;
    std::size_t text = none;
    std::array<std::optional<std::size_t>, verb_count> routes;
  };

  std::size_t grow(std::size_t at, std::string_view segment, route& added);
  bool descend(std::size_t at, verb method, std::string_view path, std::size_t offset, match& so_far) const;
  bool descend_capturing(
      std::size_t child, verb method, std::string_view path, std::size_t offset, std::size_t size, match& so_far
  ) const;
  bool arrive(const node& here, verb method, match& so_far) const;

  std::vector<node> nodes_;
  std::vector<route> routes_;
};

// 404, or 405 with Allow: what to answer where nothing was found.
response unmatched(verb method, const router::match& match);

}  // namespace meridian::http
