// The PostgreSQL programs of this machine.
#pragma once

#include <filesystem>

#include "runtime/task.hpp"

namespace meridian::cluster::postgres {

struct installation {
  std::filesystem::path programs;  // the directory of initdb, pg_ctl, pg_basebackup, psql
  // Minor releases from 15.20 on name the output plugins that may be loaded.
  bool lists_output_plugins = false;
};

// As on Debian 12, without looking. For a plan, whose commands ask the server themselves which settings it knows.
installation planned_installation();

// not_found with the packages to install when PostgreSQL 15 or pglogical is missing. MERIDIAN_POSTGRES_BIN names
// another directory than Debian's.
task<installation> find_installation();

}  // namespace meridian::cluster::postgres
