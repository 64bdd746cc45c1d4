// libpq's connection and its descriptor on the event loop: what `connection` and `pipeline` share.
#pragma once

#include <chrono>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "pg/endpoint.hpp"
#include "pg/rows.hpp"
#include "runtime/deadline.hpp"
#include "runtime/task.hpp"

struct pg_conn;

namespace meridian::pg {

class wire {
 public:
  // How long the kernel tries to deliver what the other side does not acknowledge (tcp_user_timeout).
  wire(const boost::asio::any_io_executor& lane, endpoint where, std::chrono::milliseconds unacknowledged_max);
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;
  ~wire() { close(); }

  // unavailable, unauthenticated, timed_out.
  task<void> connect(deadline until);

  // The same with the host's addresses in digits, apart by commas: the first one that takes the connection.
  task<void> connect_to(std::string addresses, deadline until);

  // Sends what libpq has buffered. timed_out closes.
  task<void> flush(deadline until);

  // Waits until PQgetResult would not block. timed_out closes.
  task<void> wait_for_result(deadline until);

  // nullptr when closed.
  pg_conn* native() const { return connection_; }
  boost::asio::posix::stream_descriptor& descriptor() { return descriptor_; }
  const endpoint& where() const { return where_; }

  // Closes and answers why libpq gave up.
  error lost();
  // Closes; whoever waits for the descriptor is woken.
  void close();

 private:
  void start(const std::string& addresses);
  error give_up(const error& why);

  endpoint where_;
  std::chrono::milliseconds unacknowledged_max_;
  boost::asio::posix::stream_descriptor descriptor_;
  pg_conn* connection_ = nullptr;
};

// What the server refused, with its DETAIL in the message and its HINT as the remedy; in a script, with the line.
error error_of(const pg_result* failed, std::string_view statement);

// One of PG_DIAG_*; "" for none.
std::string field_of(const pg_result* from, int which);

}  // namespace meridian::pg
