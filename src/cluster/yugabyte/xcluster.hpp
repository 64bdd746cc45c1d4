// Replication between two universes, both ways: non-transactional xCluster, set up by yb-admin. Shell commands.
#pragma once

#include <string>

#include "cluster/yugabyte/universe.hpp"

namespace meridian::cluster::yugabyte {

// Fails when the labels of the status type have other numbers on one side than on the other.
std::string compare_types_command(const universe& one, const universe& other);

// One direction. The universe's id and the table's are looked up on the source.
std::string replicate_command(const universe& from, const universe& to);

// Succeeds when that direction is set up.
std::string replicates_command(const universe& from, const universe& to);

// Prints what the streams into a universe say; fails when one of them reports an error.
std::string check_replication_command(const universe& to);

}  // namespace meridian::cluster::yugabyte
