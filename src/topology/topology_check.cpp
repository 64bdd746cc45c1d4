#include "topology/topology_check.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

namespace meridian::topology {
namespace {

// What stands where: the first of each.
template <class Key>
using seen = std::map<Key, int>;

// `what` names the value: `region "asia"`.
template <class Key>
result<void> check_once(
    seen<Key>& lines, const Key& value, const table_reader& keys, std::string_view key, const std::string& what,
    std::string remedy
) {
  const auto [entry, added] = lines.emplace(value, keys.line_of(key));
  if (!added) {
    return keys.mistake(key, fmt::format("{} stands on line {} already", what, entry->second), std::move(remedy));
  }
  return {};
}

result<void> check_regions(const std::vector<region_draft>& regions) {
  seen<std::string> names;
  seen<int> numbers;
  for (const auto& [region, place, countries, keys] : regions) {
    MERIDIAN_CHECK(
        check_once(names, region.name, keys, "name", fmt::format("region \"{}\"", region.name), "give it another name")
    );
    MERIDIAN_CHECK(check_once(
        numbers, region.number, keys, "number", fmt::format("region number {}", region.number),
        "give it a number that no region has or had: ids carry it"
    ));
  }
  return {};
}

result<void> check_names(const std::vector<deployment_draft>& deployments) {
  seen<std::string> names;
  seen<std::string> node_names;
  for (const auto& [deployment, services, nodes, keys] : deployments) {
    MERIDIAN_CHECK(check_once(
        names, deployment.name, keys, "name", fmt::format("deployment \"{}\"", deployment.name), "give it another name"
    ));
    for (const auto& [node, node_keys] : nodes) {
      MERIDIAN_CHECK(check_once(
          node_names, node.name, node_keys, "name", fmt::format("node \"{}\"", node.name),
          "give it another name: it is unique in the whole file"
      ));
    }
  }
  return {};
}

result<void> check_services(const std::string& file, const std::vector<deployment_draft>& deployments) {
  seen<std::string> lines;
  for (const auto& deployment : deployments) {
    for (const auto& service : deployment.services) {
      const auto [entry, added] = lines.emplace(service.text, service.line);
      if (!added) {
        return mistake_at(
            file, service.line, fmt::format("service \"{}\" stands on line {} already", service.text, entry->second),
            "a service has one deployment"
        );
      }
    }
  }
  return {};
}

// The first replica of a deployment that takes writes everywhere.
result<void> check_all_primary(const deployment_draft& draft) {
  for (const auto& [node, keys] : draft.nodes) {
    if (node.role != node_role::primary) {
      return keys.mistake(
          "role", fmt::format("a {} deployment has primary nodes only", to_string(draft.value.kind)),
          "take the role out, or make the deployment's kind read_replicas"
      );
    }
  }
  return {};
}

result<void> check_geo_partitioned(const deployment_draft& draft, const std::vector<region_draft>& regions) {
  MERIDIAN_CHECK(check_all_primary(draft));
  for (const auto& region : regions) {
    const auto rests_there = [&region](const node_draft& node) { return node.value.region == region.value.name; };
    if (std::ranges::none_of(draft.nodes, rests_there)) {
      return draft.keys.mistake(
          "", fmt::format("deployment \"{}\" has no node in region {}", draft.value.name, region.value.name),
          "add one: the region's rows rest on it"
      );
    }
  }
  return {};
}

result<void> check_read_replicas(const deployment_draft& draft, engine_kind engine) {
  const node_draft* primary = nullptr;
  for (const auto& node : draft.nodes) {
    if (node.value.role != node_role::primary) {
      continue;
    }
    if (primary != nullptr && engine == engine_kind::postgres) {
      return node.keys.mistake(
          "role", fmt::format("node \"{}\" is the primary already", primary->value.name),
          "under the postgres engine one node takes the writes: make this one role = \"replica\""
      );
    }
    primary = &node;
  }
  if (primary == nullptr) {
    return draft.keys.mistake(
        "", fmt::format("deployment \"{}\" has no primary node", draft.value.name),
        "give the node that takes the writes role = \"primary\""
    );
  }
  return {};
}

// A cluster is a node under postgres; under yugabyte it is a universe, which is all the nodes of a region.
result<void> check_bidirectional(const deployment_draft& draft, engine_kind engine) {
  MERIDIAN_CHECK(check_all_primary(draft));
  std::set<std::string> regions;
  for (const auto& node : draft.nodes) {
    regions.insert(node.value.region);
  }
  if (engine == engine_kind::postgres && draft.nodes.size() != 2) {
    return draft.keys.mistake(
        "", fmt::format("deployment \"{}\" has {} node(s)", draft.value.name, draft.nodes.size()),
        "a bidirectional deployment has exactly two"
    );
  }
  if (engine == engine_kind::yugabyte && regions.size() != 2) {
    return draft.keys.mistake(
        "", fmt::format("deployment \"{}\" has nodes in {} region(s)", draft.value.name, regions.size()),
        "a bidirectional deployment has two universes: the nodes of one region each"
    );
  }
  return {};
}

// Elsewhere it would promise or give away what it has no say in.
result<void> check_synchronous(const deployment_draft& draft, engine_kind engine) {
  if (!draft.keys.has("synchronous")) {
    return {};
  }
  if (draft.value.kind != deployment_kind::read_replicas) {
    return draft.keys.mistake(
        "synchronous",
        fmt::format("a {} deployment has no replicas that a write could wait for", to_string(draft.value.kind)),
        "take it out"
    );
  }
  if (engine == engine_kind::yugabyte) {
    return draft.keys.mistake(
        "synchronous", "under the yugabyte engine a write waits for a majority of the primary cluster",
        "take it out: replication_factor says how many copies there are"
    );
  }
  return {};
}

result<void> check_kind(const deployment_draft& draft, const topology_draft& whole) {
  MERIDIAN_CHECK(check_synchronous(draft, whole.engine));
  switch (draft.value.kind) {
    case deployment_kind::geo_partitioned:
      return check_geo_partitioned(draft, whole.regions);
    case deployment_kind::read_replicas:
      return check_read_replicas(draft, whole.engine);
    case deployment_kind::bidirectional:
      return check_bidirectional(draft, whole.engine);
  }
  return {};
}

result<void> check_sql_addresses(const std::vector<deployment_draft>& deployments) {
  std::map<std::pair<std::string, std::uint16_t>, const node_draft*> nodes;
  for (const auto& deployment : deployments) {
    for (const auto& draft : deployment.nodes) {
      const auto& node = draft.value;
      const auto [entry, added] = nodes.emplace(std::pair(node.address, node.sql_port), &draft);
      if (!added) {
        const auto& other = *entry->second;
        return draft.keys.mistake(
            "address",
            fmt::format(
                "node \"{}\" listens on {} port {} already (line {})", other.value.name, node.address, node.sql_port,
                other.keys.line_of("address")
            ),
            "give this node another address or a port of its own"
        );
      }
    }
  }
  return {};
}

// /cluster-config is answered on http_port of each deployment's first node.
result<void> check_http_port(const topology_draft& draft) {
  std::map<std::string, const deployment_draft*> answering;
  for (const auto& deployment : draft.deployments) {
    const auto& first = deployment.nodes.front();
    const auto [entry, added] = answering.emplace(first.value.address, &deployment);
    if (!added) {
      return first.keys.mistake(
          "address",
          fmt::format(
              "deployment \"{}\" answers HTTP on {} port {} already", entry->second->value.name, first.value.address,
              draft.http_port
          ),
          "the first nodes of two deployments can't share an address"
      );
    }
  }
  for (const auto& deployment : draft.deployments) {
    for (const auto& [node, keys] : deployment.nodes) {
      const auto found = answering.find(node.address);
      if (node.sql_port == draft.http_port && found != answering.end()) {
        return keys.mistake(
            keys.has("port") ? "port" : "address",
            fmt::format(
                "{} port {} is the HTTP port of deployment \"{}\"", node.address, node.sql_port,
                found->second->value.name
            ),
            "give SQL another port, or change http_port"
        );
      }
    }
  }
  return {};
}

// What else listens there, besides places of the same table, in words; "" for nothing.
std::string listener_at(const topology_draft& draft, const std::string& address, std::uint16_t port) {
  for (const auto& deployment : draft.deployments) {
    if (port == draft.http_port && address == deployment.nodes.front().value.address) {
      return fmt::format("the HTTP port of deployment \"{}\"", deployment.value.name);
    }
    for (const auto& node : deployment.nodes) {
      if (port == node.value.sql_port && address == node.value.address) {
        return fmt::format("the SQL port of node \"{}\"", node.value.name);
      }
    }
  }
  return "";
}

// Profile and messaging share rows, so a process serves them from one deployment.
result<void> check_served(const topology_draft& draft, const table_reader& keys) {
  for (const auto& deployment : draft.deployments) {
    const auto has = [&](std::string_view service) {
      return std::ranges::find(deployment.services, service, &located_text::text) != deployment.services.end();
    };
    if (deployment.value.kind == deployment_kind::geo_partitioned && has("profile") && has("messaging")) {
      return {};
    }
  }
  return keys.mistake(
      "", "no geo_partitioned deployment has the services profile and messaging, which a process serves",
      "give one services = [\"profile\", \"messaging\"], or take [[serve]] out"
  );
}

result<void> check_serving(const topology_draft& draft) {
  seen<std::string> regions;
  seen<std::pair<std::string, std::uint16_t>> listeners;
  for (const auto& [place, keys] : draft.serving) {
    MERIDIAN_CHECK(check_served(draft, keys));
    MERIDIAN_CHECK(check_once(
        regions, place.region, keys, "region", fmt::format("[[serve]] of region \"{}\"", place.region),
        "a region has one; start more with `meridian serve`"
    ));
    const auto where = fmt::format("{} port {}", place.address, place.port);
    MERIDIAN_CHECK(check_once(
        listeners, std::pair(place.address, place.port), keys, "port", fmt::format("[[serve]] on {}", where),
        "give it a port of its own"
    ));
    if (const auto other = listener_at(draft, place.address, place.port); !other.empty()) {
      return keys.mistake("port", fmt::format("{} is {}", where, other), "give it a port of its own");
    }
  }
  return {};
}

// A server without a neighbour would keep its region's events to itself.
result<void> check_bus_regions(const topology_draft& draft) {
  seen<std::string> regions;
  for (const auto& [place, keys] : draft.bus) {
    MERIDIAN_CHECK(check_once(
        regions, place.region, keys, "region", fmt::format("[[bus]] of region \"{}\"", place.region), "a region has one"
    ));
  }
  for (const auto& region : draft.regions) {
    const auto has_region = [&](const bus_draft& one) { return one.value.region == region.value.name; };
    if (!draft.bus.empty() && std::ranges::none_of(draft.bus, has_region)) {
      return draft.bus.front().keys.mistake(
          "", fmt::format("region \"{}\" has no [[bus]]", region.value.name), "give one to every region, or to none"
      );
    }
  }
  return {};
}

// Processes sign in everywhere by the same account, and a server in the clear would undo the others' encryption.
result<void> check_bus(const topology_draft& draft) {
  MERIDIAN_CHECK(check_bus_regions(draft));
  seen<std::pair<std::string, std::uint16_t>> listeners;
  for (const auto& [place, keys] : draft.bus) {
    for (const auto& [key, port] : {std::pair("port", place.port), std::pair("gateway_port", place.gateway_port)}) {
      const auto where = fmt::format("{} port {}", place.address, port);
      MERIDIAN_CHECK(check_once(
          listeners, std::pair(place.address, port), keys, key, fmt::format("[[bus]] on {}", where),
          "give it a port of its own"
      ));
      auto other = listener_at(draft, place.address, port);
      for (const auto& serving : draft.serving) {
        if (serving.value.address == place.address && serving.value.port == port) {
          other = fmt::format("the [[serve]] of region \"{}\"", serving.value.region);
        }
      }
      if (!other.empty()) {
        return keys.mistake(key, fmt::format("{} is {}", where, other), "give it a port of its own");
      }
    }
    const auto& first = draft.bus.front().value;
    if (place.account != first.account) {
      return keys.mistake(
          "account", fmt::format("account \"{}\" is not that of region \"{}\"", place.account, first.region),
          "all regions have the same"
      );
    }
    if (place.tls.has_value() != first.tls.has_value()) {
      return keys.mistake(
          "certificate", "some [[bus]] have a certificate and some have none",
          "give certificate, key and authority to all of them, or to none"
      );
    }
  }
  return {};
}

}  // namespace

result<void> check_draft(const std::string& file, const topology_draft& draft) {
  MERIDIAN_CHECK(check_regions(draft.regions));
  MERIDIAN_CHECK(check_names(draft.deployments));
  MERIDIAN_CHECK(check_services(file, draft.deployments));
  for (const auto& deployment : draft.deployments) {
    MERIDIAN_CHECK(check_kind(deployment, draft));
  }
  MERIDIAN_CHECK(check_sql_addresses(draft.deployments));
  MERIDIAN_CHECK(check_http_port(draft));
  MERIDIAN_CHECK(check_serving(draft));
  MERIDIAN_CHECK(check_bus(draft));
  return {};
}

}  // namespace meridian::topology
