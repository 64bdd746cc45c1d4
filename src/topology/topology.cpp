#include "topology/topology.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

#include "topology/letter_case.hpp"

namespace meridian::topology {
namespace {

template <class Range>
auto find_named(const Range& range, std::string_view name) -> decltype(&*range.begin()) {
  const auto found = std::ranges::find_if(range, [name](const auto& each) { return each.name == name; });
  return found == range.end() ? nullptr : &*found;
}

// "127.0.0.1:5433", "[::1]:5433"
std::string address_with_port(const node& node) {
  const bool ip6 = node.address.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(ip6 ? "[{}]:{}" : "{}:{}"), node.address, node.sql_port);
}

// The haversine of the angle between two places: grows with their distance.
double haversine(const region& one, const region& other) {
  constexpr double radians_of_degree = std::numbers::pi / 180;
  const auto half_sine = [](double degrees) { return std::sin(degrees * radians_of_degree / 2); };
  const double north = half_sine(one.latitude - other.latitude);
  const double east = half_sine(one.longitude - other.longitude);
  return north * north +
         std::cos(one.latitude * radians_of_degree) * std::cos(other.latitude * radians_of_degree) * east * east;
}

}  // namespace

std::string to_string(const location& place) {
  return fmt::format("{}.{}.{}", place.cloud, place.region, place.zone);
}

std::vector<std::string> country::accepted() const {
  std::vector<std::string> words{name, alpha2, alpha3};
  words.insert(words.end(), aliases.begin(), aliases.end());
  std::vector<std::string> once;
  for (auto& word : words) {
    if (std::ranges::find(once, word) == once.end()) {
      once.push_back(std::move(word));
    }
  }
  return once;
}

const node& deployment::primary() const {
  const auto found = std::ranges::find(nodes, node_role::primary, &node::role);
  if (found == nodes.end()) {
    throw std::logic_error(fmt::format("the deployment {} has no primary node", name));
  }
  return *found;
}

const region& topology::region_named(std::string_view wanted) const {
  const auto* found = find_named(regions, wanted);
  if (found == nullptr) {
    throw std::logic_error(fmt::format("the topology {} has no region {}", name, wanted));
  }
  return *found;
}

const deployment* topology::find_deployment(std::string_view wanted) const {
  return find_named(deployments, wanted);
}

const deployment* topology::find_deployment_of_service(std::string_view service) const {
  for (const auto& deployment : deployments) {
    if (std::ranges::find(deployment.services, service) != deployment.services.end()) {
      return &deployment;
    }
  }
  return nullptr;
}

const node* topology::find_node(std::string_view wanted) const {
  const auto find_first = [this](const auto& fits) -> const node* {
    for (const auto& deployment : deployments) {
      for (const auto& node : deployment.nodes) {
        if (fits(deployment, node)) {
          return &node;
        }
      }
    }
    return nullptr;
  };
  if (const auto* named = find_first([wanted](const auto&, const node& node) { return node.name == wanted; })) {
    return named;
  }
  const auto* addressed = find_first([wanted](const auto&, const node& node) {
    return same_but_for_case(node.address, wanted) || same_but_for_case(address_with_port(node), wanted);
  });
  if (addressed != nullptr) {
    return addressed;
  }
  return find_first([wanted](const deployment& deployment, const node& node) {
    return deployment.kind == deployment_kind::geo_partitioned && node.region == wanted;
  });
}

const bus_place* topology::find_bus(std::string_view region_name) const {
  const auto found = std::ranges::find(bus, region_name, &bus_place::region);
  return found == bus.end() ? nullptr : &*found;
}

const node& topology::closest_node(const deployment& part, std::string_view from) const {
  if (const auto chosen = part.closest.find(from); chosen != part.closest.end()) {
    return *find_named(part.nodes, chosen->second);
  }
  const auto& here = region_named(from);
  return *std::ranges::min_element(part.nodes, {}, [&](const node& one) {
    return haversine(here, region_named(one.region));
  });
}

const country* topology::find_country(std::string_view wanted) const {
  const auto means = [wanted](const std::string& word) { return same_but_for_case(word, wanted); };
  const auto found = std::ranges::find_if(countries, [&means](const country& country) {
    return means(country.name) || means(country.alpha2) || means(country.alpha3) ||
           std::ranges::any_of(country.aliases, means);
  });
  return found == countries.end() ? nullptr : &*found;
}

std::vector<std::string> topology::partition_values(std::string_view wanted) const {
  std::vector<std::string> values;
  for (const auto& country : countries) {
    if (country.region == wanted) {
      std::ranges::move(country.accepted(), std::back_inserter(values));
    }
  }
  return values;
}

std::string_view to_string(node_role role) {
  return role == node_role::primary ? "primary" : "replica";
}

std::string_view to_string(deployment_kind kind) {
  switch (kind) {
    case deployment_kind::geo_partitioned:
      return "geo_partitioned";
    case deployment_kind::read_replicas:
      return "read_replicas";
    case deployment_kind::bidirectional:
      return "bidirectional";
  }
  return "";
}

std::string_view to_string(engine_kind engine) {
  return engine == engine_kind::postgres ? "postgres" : "yugabyte";
}

}  // namespace meridian::topology
