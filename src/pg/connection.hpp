// One connection to one PostgreSQL (or YugabyteDB) node, without ever blocking its lane: the only user of libpq.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pg/rows.hpp"
#include "runtime/deadline.hpp"
#include "runtime/task.hpp"

namespace meridian::pg {

struct endpoint {
  std::string host;  // an IP address: a name would be looked up on the lane
  std::uint16_t port = 0;
  std::string database;
  std::string user;
  std::string password;
  std::string application_name = "meridian";  // shown in pg_stat_activity

  // "127.0.0.3:5433", for messages.
  std::string address() const;
};

// A value for $1, $2, ... in text form; nullopt is NULL.
using parameter = std::optional<std::string>;

// Owned by one coroutine at a time, on one lane. After a time-out or a lost connection it is closed for good and every
// further call answers unavailable.
class connection {
 public:
  // unavailable when nobody listens or the node is starting or stopping, unauthenticated, timed_out.
  static task<connection> open(endpoint where, deadline until);

  connection(connection&&) noexcept;
  connection& operator=(connection&&) noexcept;
  ~connection();

  // Runs one statement. What the server refuses comes back as errc_of_sqlstate says, with its DETAIL in the message
  // and its HINT as the remedy.
  task<rows> query(std::string statement, std::vector<parameter> parameters, deadline until);
  task<rows> query(std::string statement, deadline until);

  // Runs a script of many statements as one transaction, unless it holds its own BEGIN and COMMIT. An error names the
  // line of the script.
  task<void> run_script(std::string script, deadline until);

  bool is_open() const;

 private:
  class wire;
  explicit connection(std::unique_ptr<wire> opened);

  std::unique_ptr<wire> wire_;
};

}  // namespace meridian::pg
