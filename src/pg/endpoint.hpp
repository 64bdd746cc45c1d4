// Where a database is and who signs in.
#pragma once

#include <cstdint>
#include <string>

namespace meridian::pg {

struct endpoint {
  std::string host;  // an IP address, or a name: it is looked up beside the lane and remembered for a short time
  std::uint16_t port = 0;
  std::string database;
  std::string user;
  std::string password;
  std::string application_name = "meridian";  // shown in pg_stat_activity

  // "127.0.0.3:5433", for messages.
  std::string address() const;
};

}  // namespace meridian::pg
