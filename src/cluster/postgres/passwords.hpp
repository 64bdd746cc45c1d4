// The passwords of the roles as SQL expressions: a quoted literal to run, a psql variable to print.
#pragma once

#include <string>

namespace meridian::cluster::postgres {

struct passwords {
  std::string service;
  std::string adhoc;
  std::string replication;
};

}  // namespace meridian::cluster::postgres
