// What runs where: the regions, the countries that rest in them, the deployments and their nodes.
//
// A topology is read from one TOML file (topology_file.hpp), checked whole, and never changes afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::topology {

// The cloud's own names, as YugabyteDB's --cloud_location takes them.
struct location {
  std::string cloud;
  std::string region;
  std::string zone;

  friend bool operator==(const location&, const location&) = default;
};

// "aws.us-west-1.us-west-1a"
std::string to_string(const location& place);

// A country of ISO 3166-1. Rows carry `name` in their partition column; the codes and aliases are accepted in its
// place.
struct country {
  std::string name;    // "United Kingdom": unique, as people type it
  std::string alpha2;  // "GB"
  std::string alpha3;  // "GBR"
  std::vector<std::string> aliases;
  std::string region;  // the region's name

  // The name, the two codes and the aliases, each once.
  std::vector<std::string> accepted() const;
};

// Where a part of the world's rows rest.
struct region {
  std::string name;      // [a-z][a-z0-9_]*, at most 20 letters: it ends the partitions' names (message_asia)
  int number = 0;        // 1 to 31, unique and never reused: ids carry it
  std::string label;     // for people: "Asia"
  double latitude = 0;   // degrees north
  double longitude = 0;  // degrees east
};

enum class node_role { primary, replica };

struct node {
  std::string name;     // unique in the topology, [a-z][a-z0-9-]*, at most 40 letters: "geo-asia"
  std::string address;  // an IP address in its shortest form or, for the yugabyte engine, a host name in lower case
  std::uint16_t sql_port = 0;
  std::string region;  // the region's name
  location place;
  node_role role = node_role::primary;
};

enum class deployment_kind {
  geo_partitioned,  // every row in the region of its country; one or more nodes a region
  read_replicas,    // one primary (under yugabyte: one primary cluster) takes the writes, replicas near the readers
  bidirectional,    // two standalone clusters that replicate to each other
};

struct deployment {
  std::string name;  // unique, [a-z][a-z0-9-]*, at most 40 letters: "geo"
  deployment_kind kind = deployment_kind::geo_partitioned;
  std::vector<std::string> services;  // of profile, messaging, reminders, status: each in at most one deployment
  int replication_factor = 1;         // copies of a row inside a cluster
  bool synchronous = true;            // of read_replicas: a write is on a replica too before it is acknowledged
  std::vector<node> nodes;            // at least one; the first answers /cluster-config

  // Region → the node that is asked first from there, where it is not the nearest one.
  std::map<std::string, std::string, std::less<>> closest;

  // The node of the read_replicas kind that takes the writes; the first of the primary cluster's under the yugabyte
  // engine.
  const node& primary() const;
};

// A serving process (`meridian serve`): `up` starts it under the postgres engine.
struct serving_place {
  std::string region;   // the region's name; at most one place each
  std::string address;  // as a node's
  std::uint16_t port = 0;
};

// Files in PEM.
struct tls_files {
  std::filesystem::path certificate;  // of the servers
  std::filesystem::path key;          // of the certificate
  std::filesystem::path authority;    // whose certificates are believed
};

// A server of the bus, which carries events between processes: `up` starts it under the postgres engine. Those of all
// regions are joined by gateways.
struct bus_place {
  std::string region;              // the region's name; one place each, or none at all
  std::string address;             // as a node's
  std::uint16_t port = 0;          // for processes that serve
  std::uint16_t gateway_port = 0;  // for the servers of other regions
  std::string account;             // under which processes and servers sign in
  std::optional<tls_files> tls;    // none: in the clear
};

enum class engine_kind { postgres, yugabyte };

struct topology {
  std::string name;  // [a-z][a-z0-9-]*, at most 40 letters
  engine_kind engine = engine_kind::postgres;
  std::uint16_t http_port = 7000;         // /cluster-config
  std::filesystem::path state_directory;  // absolute; what the embedded engine keeps
  std::vector<region> regions;            // in the order of the file, numbers unique
  std::vector<country> countries;         // all of ISO 3166-1, by name
  std::vector<deployment> deployments;
  std::vector<serving_place> serving;  // may be empty
  std::vector<bus_place> bus;          // may be empty: then events stay in the process

  const region& region_named(std::string_view wanted) const;  // which must exist
  const deployment* find_deployment(std::string_view wanted) const;
  const deployment* find_deployment_of_service(std::string_view service) const;
  // By name, by address, by address:port ("[::1]:5433"), or by region (the geo-partitioned deployment's first node
  // there).
  const node* find_node(std::string_view wanted) const;
  const bus_place* find_bus(std::string_view region_name) const;
  // The deployment's node that is asked first from a region: the one that `closest` names, else one of the region's
  // own, else the nearest by great circle.
  const node& closest_node(const deployment& part, std::string_view from) const;
  // By name, code or alias, letter case aside.
  const country* find_country(std::string_view wanted) const;
  // The accepted partition values of a region: every name, code and alias of its countries.
  std::vector<std::string> partition_values(std::string_view wanted) const;
};

std::string_view to_string(node_role role);
std::string_view to_string(deployment_kind kind);
std::string_view to_string(engine_kind engine);

}  // namespace meridian::topology
