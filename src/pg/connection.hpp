// One connection to one PostgreSQL (or YugabyteDB) node, without ever blocking its lane.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pg/endpoint.hpp"
#include "pg/rows.hpp"
#include "runtime/deadline.hpp"
#include "runtime/task.hpp"

namespace meridian::pg {

class wire;

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
  task<rows> collect(std::string statement, deadline until);
  explicit connection(std::unique_ptr<wire> opened);

  std::unique_ptr<wire> wire_;
};

}  // namespace meridian::pg
