// What is seen of a topology at one moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "topology/topology.hpp"

namespace meridian::console {

struct slot_view {
  std::string name;
  bool is_active = false;
  std::optional<std::int64_t> behind_bytes;  // of WAL that it still has to send, or to hear confirmed
};

struct node_view {
  const topology::deployment* part = nullptr;
  const topology::node* node = nullptr;
  bool is_reachable = false;
  std::string problem;                     // why it is not
  std::chrono::microseconds round_trip{};  // of the question
  bool is_replica = false;                 // as it says itself
  std::int64_t position = 0;               // in its WAL: written, or replayed
  std::optional<double> replay_age_s;      // of a replica: since the commit of the last transaction that it has
  bool is_paused = false;                  // of a replica: it does not replay
  std::vector<slot_view> slots;            // of a primary
};

// A stream of changes from one node to another.
struct link_view {
  const topology::node* from;
  const topology::node* to;
  std::string_view kind;                     // "streaming" or "logical"
  std::string_view state;                    // "running", "paused", "down" or "unknown"
  std::optional<std::int64_t> behind_bytes;  // of WAL
  std::optional<double> staleness_s;         // of a replica: how old what it shows may be
};

struct table_view {
  std::string table;
  const topology::region* region = nullptr;
  const topology::node* node = nullptr;
  std::int64_t rows = 0;
  bool is_estimate = false;
  std::int64_t bytes = 0;
};

// `counted` stopped at 10,001; then the planner's estimate is told, when it has one.
table_view table_of(std::string table, std::int64_t counted, std::int64_t estimate, std::int64_t bytes);

// The serving process's own way to a region.
struct way_view {
  const topology::region* region;
  bool is_open;  // the breaker: statements are refused at once
  std::size_t in_flight;
};

struct view {
  timestamp seen_at;
  std::vector<node_view> nodes;  // all of the topology, in its order
  std::vector<link_view> links;
  std::vector<table_view> tables;  // those of nodes that answered
  std::vector<way_view> ways;
};

// Those between the nodes as they are, whatever role the topology gave them.
std::vector<link_view> links_between(const std::vector<node_view>& nodes);

}  // namespace meridian::console
