// A connection to a node for tests: each call waits for its answer.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "pg/connection.hpp"

namespace meridian::test {

// Every cell as text ("" for null), cells separated by | and rows by a line break, as psql -At prints them.
std::string text_of(const pg::rows& rows);

// One connection, used by one thread at a time.
class session {
 public:
  using duration = std::chrono::steady_clock::duration;

  session(session&&) = default;
  session& operator=(session&&) = delete;  // the loop would go before the connection

  // The outcome of signing in, for tests of who may.
  static result<session> open(pg::endpoint where, duration longest = std::chrono::seconds(5));

  result<pg::rows> query(std::string statement, std::vector<pg::parameter> parameters = {});
  result<void> script(std::string statements);

  // The answer as text_of has it. A failure is a test failure and answers "failed: ...".
  std::string text(std::string statement, std::vector<pg::parameter> parameters = {});

  // Message and remedy of a statement that is to be refused, "" when it is not.
  std::string refusal(std::string statement);

  // How long each call may take; 15 s until set.
  void set_patience(duration longest) { patience_ = longest; }

 private:
  session(std::unique_ptr<boost::asio::io_context> loop, pg::connection connection)
      : loop_(std::move(loop)), connection_(std::move(connection)) {}

  std::unique_ptr<boost::asio::io_context> loop_;
  pg::connection connection_;
  duration patience_ = std::chrono::seconds(15);
};

}  // namespace meridian::test
