// A YugabyteDB cluster of the topology, and the commands that make and use it.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "topology/topology.hpp"

namespace meridian::cluster::yugabyte {

// Points into the topology, which must outlive it.
struct universe {
  const topology::deployment* part = nullptr;
  std::string name;                             // "geo", "status_europe"
  std::vector<const topology::node*> nodes;     // whose copies vote, in the order in which they start
  std::vector<const topology::node*> replicas;  // of its read replica cluster

  const topology::node& first() const { return *nodes.front(); }
};

// One, or one a region for a bidirectional deployment. The nodes start zone by zone over the regions, because yugabyted
// puts the yb-masters on the first ones. invalid_argument when a region has fewer nodes than a row has copies.
result<std::vector<universe>> universes_of(const topology::topology& world, const topology::deployment& part);

// Where the copies go that no tablespace places: the system catalogue, sequences, tables of all regions.
struct placement {
  std::string fault_tolerance;         // "region", "zone" or "none"
  int copies = 1;                      // 3 or 5, unless there is no tolerance
  std::vector<std::string> locations;  // as many as copies, or none: then yugabyted chooses; leaders in this order
};
placement placement_of(const universe& place);

// "yb-usw1a.example.com:7100,...": where the yb-masters are.
std::string master_addresses(const universe& place);

// The directory of a node's data, configuration, logs and certificates, on its host.
std::string base_directory(const topology::node& node);

// Shell commands. `certificates` is the node whose CA signs every node's certificate; it starts before all others.
std::string start_command(
    const topology::topology& world, const universe& place, const topology::node& node,
    const topology::node& certificates
);
std::string data_placement_command(const universe& place);
std::string read_replica_command(const universe& place);

// "yb-admin ... -master_addresses ..."
std::string admin_command(const universe& place);

// "ysqlsh ..." as the administrator; fails at the first error.
std::string sql_command(const topology::node& node, std::string_view database);

}  // namespace meridian::cluster::yugabyte
