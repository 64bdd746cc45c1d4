#include "cluster/yugabyte/universe.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace meridian::cluster::yugabyte {
namespace {

using topology::deployment_kind;
using topology::node;
using topology::node_role;

constexpr int master_rpc_port = 7100;
constexpr int ysql_port = 5433;
constexpr int master_web_port = 7000;
constexpr int default_copies = 3;

std::size_t count_distinct(const std::vector<const node*>& nodes, std::string topology::location::* what) {
  std::set<std::string> seen;
  for (const auto* node : nodes) {
    seen.insert(node->place.*what);
  }
  return seen.size();
}

// The first node of every zone before the second of any, and the regions by turns.
std::vector<const node*> in_starting_order(const std::vector<const node*>& nodes) {
  using rank = std::tuple<std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t>;  // in its zone, in its region, in the file
  std::map<rank, const node*> ranked;
  for (auto here = nodes.begin(); here != nodes.end(); ++here) {
    const auto same_zone = [&](const node* other) { return other->place == (*here)->place; };
    const auto same_region = [&](const node* other) { return other->region == (*here)->region; };
    const rank position{
        std::count_if(nodes.begin(), here, same_zone), std::count_if(nodes.begin(), here, same_region),
        here - nodes.begin()
    };
    ranked.emplace(position, *here);
  }
  std::vector<const node*> ordered;
  ordered.reserve(ranked.size());
  for (const auto& [position, node] : ranked) {
    ordered.push_back(node);
  }
  return ordered;
}

result<void> check_copies(const topology::deployment& part, const std::string& region, std::ptrdiff_t nodes) {
  if (nodes < part.replication_factor) {
    return error{
        errc::invalid_argument,
        fmt::format(
            "the deployment {} keeps {} copies of a row and has {} node(s) that take writes in {}", part.name,
            part.replication_factor, nodes, region
        ),
        "Add nodes there, or lower the deployment's replication_factor."
    };
  }
  return {};
}

bool spans_regions(const universe& place) {
  auto all = place.nodes;
  all.insert(all.end(), place.replicas.begin(), place.replicas.end());
  return count_distinct(all, &topology::location::region) > 1;
}

}  // namespace

result<std::vector<universe>> universes_of(const topology::topology& world, const topology::deployment& part) {
  std::vector<universe> found;
  const auto add = [&](const std::string& name, auto belongs) {
    universe place{&part, name, {}, {}};
    for (const auto& node : part.nodes) {
      if (belongs(node)) {
        (node.role == node_role::primary ? place.nodes : place.replicas).push_back(&node);
      }
    }
    if (!place.nodes.empty()) {
      place.nodes = in_starting_order(place.nodes);
      found.push_back(std::move(place));
    }
  };
  if (part.kind != deployment_kind::bidirectional) {
    add(part.name, [](const node&) { return true; });
  }
  for (const auto& region : world.regions) {
    const auto is_here = [&](const node& node) { return node.region == region.name; };
    const auto writers = std::ranges::count_if(part.nodes, [&](const node& node) {
      return is_here(node) && node.role == node_role::primary;
    });
    if (part.kind == deployment_kind::geo_partitioned || (part.kind == deployment_kind::bidirectional && writers > 0)) {
      MERIDIAN_CHECK(check_copies(part, region.name, writers));
    }
    if (part.kind == deployment_kind::bidirectional) {
      add(part.name + "_" + region.name, is_here);
    }
  }
  if (part.kind == deployment_kind::read_replicas) {
    MERIDIAN_CHECK(check_copies(part, "all", std::ssize(found.front().nodes)));
  }
  return found;
}

placement placement_of(const universe& place) {
  const bool by_region = count_distinct(place.nodes, &topology::location::region) >= default_copies;
  placement wanted;
  wanted.copies =
      place.part->kind == deployment_kind::geo_partitioned ? default_copies : place.part->replication_factor;
  if (std::ssize(place.nodes) < wanted.copies || wanted.copies == 1) {
    return {"none", 1, {}};
  }
  wanted.fault_tolerance = by_region ? "region" : "zone";
  for (const auto* node : place.nodes) {
    auto location = to_string(node->place);
    if (std::ranges::find(wanted.locations, location) == wanted.locations.end() &&
        std::ssize(wanted.locations) < wanted.copies) {
      wanted.locations.push_back(std::move(location));
    }
  }
  if (std::ssize(wanted.locations) < wanted.copies) {
    wanted.locations.clear();
  }
  return wanted;
}

std::string master_addresses(const universe& place) {
  std::vector<std::string> addresses;
  for (const auto* node : place.nodes) {
    if (std::ssize(addresses) < placement_of(place).copies) {
      addresses.push_back(fmt::format("{}:{}", node->address, master_rpc_port));
    }
  }
  return fmt::format("{}", fmt::join(addresses, ","));
}

std::string base_directory(const node& node) {
  return "/var/lib/yugabyte/" + node.name;
}

std::string start_command(
    const topology::topology& world, const universe& place, const node& node, const topology::node& certificates
) {
  const auto base = base_directory(node);
  const bool is_replica = node.role == node_role::replica;
  std::string flags = "ysql_sequence_cache_method=server,yb_enable_read_committed_isolation=true";
  std::string patience;
  if (spans_regions(place)) {
    patience = "leader_failure_max_missed_heartbeat_periods=10";
    flags += "," + patience;
  }
  std::string command = fmt::format("mkdir -p {}/certs\n", base);
  if (&node != &certificates) {
    command += fmt::format(
        "test -s {0}/certs/ca.crt ||\n  scp -r {1}:{2}/generated_certs/{3}/. {0}/certs/\n", base, certificates.address,
        base_directory(certificates), node.address
    );
  }
  command += "YSQL_PASSWORD=\"${MERIDIAN_ADMIN_PASSWORD:?}\" yugabyted start --secure";
  const auto option = [&](const std::string& text) { command += " \\\n  " + text; };
  option("--base_dir=" + base);
  option("--advertise_address=" + node.address);
  if (&node != &place.first()) {
    option("--join=" + place.first().address);
  }
  option("--cloud_location=" + to_string(node.place));
  if (is_replica) {
    option("--read_replica");
  } else {
    option("--fault_tolerance=" + placement_of(place).fault_tolerance);
  }
  if (node.sql_port != ysql_port) {
    option(fmt::format("--ysql_port={}", node.sql_port));
  }
  if (world.http_port != master_web_port) {
    option(fmt::format("--master_webserver_port={}", world.http_port));
  }
  option(fmt::format("--tserver_flags=\"{}\"", flags));
  if (!patience.empty()) {
    option(fmt::format("--master_flags=\"{}\"", patience));
  }
  return command;
}

std::string data_placement_command(const universe& place) {
  const auto wanted = placement_of(place);
  auto command = fmt::format(
      "yugabyted configure data_placement --base_dir={} \\\n  --fault_tolerance={} --rf={}",
      base_directory(place.first()), wanted.fault_tolerance, wanted.copies
  );
  for (std::size_t i = 0; i < wanted.locations.size(); ++i) {
    command += fmt::format("{}{}:{}", i == 0 ? " \\\n  --constraint_value=" : ",", wanted.locations[i], i + 1);
  }
  return command;
}

std::string read_replica_command(const universe& place) {
  std::vector<std::string> locations;
  for (const auto* node : place.replicas) {
    auto location = to_string(node->place) + ":1";
    if (std::ranges::find(locations, location) == locations.end()) {
      locations.push_back(std::move(location));
    }
  }
  return fmt::format(
      "yugabyted configure_read_replica new --base_dir={} \\\n  --rf={} --data_placement_constraint={}",
      base_directory(*place.replicas.front()), locations.size(), fmt::join(locations, ",")
  );
}

std::string admin_command(const universe& place) {
  return fmt::format("yb-admin -certs_dir_name \"$MERIDIAN_CERTS\" -master_addresses {}", master_addresses(place));
}

std::string sql_command(const node& node, std::string_view database) {
  return fmt::format(
      "ysqlsh -X -q -v ON_ERROR_STOP=1 -h {} -p {} -U yugabyte -d {}", node.address, node.sql_port, database
  );
}

}  // namespace meridian::cluster::yugabyte
