// Statements to one database, over few connections that many coroutines of a lane share.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "pg/arguments.hpp"
#include "pg/connection.hpp"
#include "pg/query.hpp"
#include "pg/rows.hpp"
#include "runtime/task.hpp"

namespace meridian::pg {

struct pool_settings {
  std::vector<endpoint> nodes;  // the same database; the first that takes writes is used, and kept until it fails

  // One is best for batches; a second keeps a slow statement from holding up the rest. Statements go to the connection
  // with the fewest in flight.
  std::size_t connections = 2;

  // Statements waiting for an answer, over all connections. Beyond it the newest is refused as overloaded.
  std::size_t in_flight_max = 4096;

  std::chrono::milliseconds connect_time_max{2000};  // to one node, with the look-up of its name

  // Failures in a row that open the breaker, and how long it stays open at first and at most.
  int breaker_failures_max = 3;
  std::chrono::milliseconds breaker_pause_min{250};
  std::chrono::milliseconds breaker_pause_max{5000};
};

// Whether a statement whose connection was lost may have run and be run again all the same.
enum class repeat { safe, unsafe };

struct pool_state {
  std::uint64_t statements = 0;   // that were sent
  std::uint64_t round_trips = 0;  // waits for the server: statements of one flush count once
  std::uint64_t failures = 0;     // lost connections and time-outs
  std::uint64_t retries = 0;
  std::uint64_t connects = 0;
  std::size_t in_flight = 0;
  std::size_t connections_open = 0;
  bool is_open = false;  // the breaker: statements are refused until a node is found in the background
};

// Connects with the first statement. Lives on one lane and is destroyed on it, after stop() or when nothing is in
// flight any more.
class pool {
 public:
  pool(boost::asio::any_io_executor lane, pool_settings settings);
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool();

  // Prepares the statement where it is new to the connection, sends it in the pipeline and waits for its rows (binary:
  // row::get<T>). 40001 and 40P01 are tried again, jittered, at most 5 times; a lost connection where `again` allows
  // it; all within the deadline. What the server refuses comes back as errc_of_sqlstate says. unavailable at once while
  // the breaker is open, timed_out at the deadline (the server is asked to cancel; the statement may have run),
  // overloaded beyond in_flight_max. `what` must outlive the call. A statement is a transaction of its own.
  task<rows> run(const statement& what, arguments with, deadline until, repeat again = repeat::safe);

  pool_state observe() const;

  // Refuses new statements, waits for those in flight until the deadline, and closes. timed_out when some were cut
  // short.
  task<void> stop(deadline until);

 private:
  struct state;
  struct in_flight_here;
  std::shared_ptr<state> state_;
};

}  // namespace meridian::pg
