// SQL of the plan: psql scripts that may be run again at any time.
#pragma once

#include <string>

#include "cluster/schema.hpp"

namespace meridian::cluster::yugabyte {

// Refuses a server that is not YugabyteDB on PostgreSQL 15, or that would run READ COMMITTED as something else.
std::string check_server_script();

// Roles with their passwords (from the environment), and the database. For the database "yugabyte".
std::string roles_script();

// One CREATE TABLESPACE, made by meridian_owner's leave, unless it exists.
std::string tablespace_script(const std::string& name, const std::string& statement);

// The step, unless it is recorded, and then its record. Statement by statement: YugabyteDB's DDL survives a ROLLBACK,
// and an index that is built inside a transaction is built without regard to concurrent writes. An interrupted step is
// run again as a whole, which its IF NOT EXISTS and OR REPLACE allow.
std::string migration_script(const migration& step);

// The table of the records and this cluster's identity.
std::string records_script();
std::string identity_script(const topology::deployment& part);

// Fails when a partition or one of its indexes is not in its region's tablespace.
std::string check_placement_script(const topology::topology& world);

}  // namespace meridian::cluster::yugabyte
