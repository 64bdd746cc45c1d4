// The tables of a topology file, each read and checked by itself; what one table says about another is checked by
// topology_check.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "topology/toml_reader.hpp"
#include "topology/topology.hpp"

namespace meridian::topology {

// A draft keeps the reader of each table, so that later checks can name lines; the parsed file must outlive it.
struct region_draft {
  region value;
  location place;                       // of its nodes
  std::vector<located_text> countries;  // claimed, as written
  table_reader keys;
};

struct node_draft {
  node value;
  table_reader keys;
};

struct deployment_draft {
  deployment value;                    // without services and nodes
  std::vector<located_text> services;  // known ones
  std::vector<node_draft> nodes;
  table_reader keys;
};

struct serving_draft {
  serving_place value;
  table_reader keys;
};

struct bus_draft {
  bus_place value;  // its files as written
  table_reader keys;
};

struct topology_draft {
  explicit topology_draft(table_reader file_keys) : keys(std::move(file_keys)) {}

  std::string name;
  engine_kind engine = engine_kind::postgres;
  std::uint16_t http_port = 0;
  std::string country_map;                     // as written
  std::optional<std::string> state_directory;  // as written
  std::vector<region_draft> regions;
  std::vector<deployment_draft> deployments;
  std::vector<serving_draft> serving;
  std::vector<bus_draft> bus;
  table_reader keys;
};

// The first mistake as invalid_argument. `file` names the file in it; `root` is what parse_toml gave.
result<topology_draft> read_draft(const std::string& file, const toml_value& root);

}  // namespace meridian::topology
