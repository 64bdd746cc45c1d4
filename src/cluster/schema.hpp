// The one logical schema, rendered for an engine.
//
// The files under sql/schema/ are portable SQL in sections:
//
//   -- @once                            what every node runs (the start of a file is such a section)
//   -- @partition TABLE by COLUMN       the columns and constraints of each of the table's partitions, one a region
//   -- @partition TABLE by hash         the same, the rows spread over the regions by hash
//   -- @region                          what is run once for each region's partitions, where they rest
//
// with ${region}, ${region_number} and ${placed} (the tablespace clause of an engine that has them). How partitions are
// placed is in sql/placement/, the only place where the dialects differ.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "topology/topology.hpp"

namespace meridian::cluster {

// Who takes the statements.
enum class dialect {
  postgres,              // one node of the tree: its own region's partitions, foreign tables for the others
  yugabyte,              // one universe: every partition in its region's tablespace
  yugabyte_on_postgres,  // as yugabyte, with tablespaces that plain PostgreSQL can make: keeps the two from drifting
                         // apart
};

// One step of a schema, applied once, in order.
struct migration {
  std::string name;  // "messaging/003_message"
  std::string sql;
};

// One file, by its path under sql/. internal, with the path, when a directive or a ${variable} is unknown.
result<migration> render_file(
    const topology::topology& world, const topology::deployment& part, const topology::node& where, dialect language,
    std::string_view path, std::string_view text
);

// `where` is a node of the deployment; under the yugabyte dialects any will do. An error means that a file under sql/
// is malformed.
result<std::vector<migration>> render_schema(
    const topology::topology& world, const topology::deployment& part, const topology::node& where, dialect language
);

// The name of a region's tablespace under the yugabyte dialects.
std::string tablespace_of(const topology::region& place);

// CREATE TABLESPACE, without an end, for every region of the geo-partitioned deployment, in the topology's order; none
// under the postgres dialect. meridian_owner must exist.
std::vector<std::string> render_tablespaces(
    const topology::topology& world, const topology::deployment& part, dialect language
);

// A file under sql/ that is run as it is.
std::string_view sql_text(std::string_view path);

}  // namespace meridian::cluster
