#include "cluster/cluster_config.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <boost/json.hpp>

namespace meridian::cluster {
namespace {

namespace json = boost::json;

json::object cloud_info(const topology::location& place) {
  return {{"placement_cloud", place.cloud}, {"placement_region", place.region}, {"placement_zone", place.zone}};
}

json::object placement_of(const topology::deployment& part, topology::node_role role, int replicas) {
  json::array blocks;
  for (const auto& node : part.nodes) {
    if (node.role == role) {
      blocks.push_back(json::object{{"cloud_info", cloud_info(node.place)}, {"min_num_replicas", 1}});
    }
  }
  return {{"num_replicas", replicas}, {"placement_blocks", std::move(blocks)}};
}

json::object describe(const topology::node& node, const cluster_state& now) {
  json::object out{
      {"name", node.name},
      {"address", node.address},
      {"port", node.sql_port},
      {"region", node.region},
      {"cloud_info", cloud_info(node.place)},
      {"role", to_string(node.role)},
      {"reachable", false},
  };
  for (const auto& facts : now.nodes) {
    if (facts.node->name == node.name) {
      out["reachable"] = facts.reachable;
      out["acts_as"] = facts.role;
    }
  }
  return out;
}

}  // namespace

std::string cluster_config_of(
    const topology::deployment& part, const std::string& universe_id, const cluster_state& now
) {
  json::array nodes;
  for (const auto& node : part.nodes) {
    nodes.push_back(describe(node, now));
  }
  json::object replication{{"live_replicas", placement_of(part, topology::node_role::primary, part.replication_factor)}
  };
  const auto replicas = std::ranges::count(part.nodes, topology::node_role::replica, &topology::node::role);
  if (replicas > 0) {
    replication["read_replicas"] =
        json::array{placement_of(part, topology::node_role::replica, static_cast<int>(replicas))};
  }
  const json::object config{
      {"version", 1},
      {"cluster_uuid", universe_id},
      {"deployment", part.name},
      {"kind", to_string(part.kind)},
      {"services", json::value_from(part.services)},
      {"replication_factor", part.replication_factor},
      {"replication_info", std::move(replication)},
      {"nodes", std::move(nodes)},
  };
  return json::serialize(config) + "\n";
}

}  // namespace meridian::cluster
