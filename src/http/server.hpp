// The HTTP/1.1 server of one lane.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.hpp"
#include "http/observer.hpp"
#include "http/router.hpp"
#include "http/server_limits.hpp"
#include "runtime/deadline.hpp"
#include "runtime/task.hpp"

namespace meridian::http {

struct listen_address {
  std::string address = "127.0.0.1";  // IPv4 or IPv6, in digits
  std::uint16_t port = 0;             // 0: one that is free; see server::port
  bool shares_port = false;           // SO_REUSEPORT: several lanes listen on one port and the kernel deals out
};

// Whether the port could be listened on now: errors as server::start. For lanes that are to share one, as the kernel
// would let them share it with another process of the same user too.
result<void> check_free(const listen_address& where);

// Accepts connections and serves the routes on them, HTTP/1.1 with keep-alive; pipelined requests are answered one
// after the other. Everything happens on one lane: the executor's context is run by one thread, outlives the server,
// and all calls come from it. Malformed and oversized requests are answered with a problem and the connection is
// closed.
//
// Sessions belong to the server. stop() ends them in peace; the destructor cuts them off, and handlers that still run
// then go on to their end while the context runs, so what they capture has to live until it does not.
class server {
 public:
  // Throws nothing; conflict when the port is taken, forbidden or invalid_argument when the address is not to be had,
  // invalid_argument for a common header that can't be sent.
  static result<server> start(
      const boost::asio::any_io_executor& lane, const listen_address& where, router routes,
      const server_limits& limits = {}, server_hooks hooks = {}
  );

  server(server&&) noexcept = default;
  server& operator=(server&&) = delete;
  ~server();

  std::uint16_t port() const;
  std::size_t connection_count() const;

  // Requests that are with a handler now.
  std::size_t handling_count() const;

  websocket_counters websockets() const;

  // From now on every answer is the last of its connection and says so, while new ones are still accepted: clients that
  // are in the middle of something leave by themselves, and stop() finds idle ones only. Handshakes are refused.
  void announce_stop();

  // Stops accepting, closes idle connections, answers the requests at hand with "Connection: close", says goodbye to
  // live ones (1001, behind what they are owed), and comes back when the last connection is closed. At the deadline the
  // rest is cut off and the answer is timed_out, saying how many handlers still run. To be called once.
  task<void> stop(deadline until);

 private:
  struct state;
  explicit server(std::shared_ptr<state> its_state);

  std::shared_ptr<state> state_;
};

}  // namespace meridian::http
