// `meridian bench fanout` and `bench idle`: live connections beside other people's servers.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "lab/bench_stage.hpp"

namespace meridian::lab {

struct fanout_options : bench_options {
  std::size_t members = 1'000;               // who get every message
  std::size_t channels = 1;                  // with all members in each; messages go to them in turn
  std::vector<std::size_t> in_flight{1, 8};  // messages on their way at a time, one part each
  bool without_peers = false;                // ours and the floor only
  bool share_cpus = false;                   // of servers, crowd and databases; see cpu_split
};

// One server's rounds in one part.
struct fanout_side {
  std::string server;
  std::vector<double> per_cpu_second;  // deliveries per second of the server's processor time, a round each
  std::vector<double> per_second;      // deliveries
};

struct fanout_part {
  std::size_t members = 0;
  std::size_t channels = 0;
  std::size_t in_flight = 0;
  bool has_shared_cpus = false;
  std::vector<fanout_side> sides;  // ours first
};

// Rounds take turns: every server is up all the time, and one of them is at work. not_found when a peer's package is
// missing.
result<std::vector<fanout_part>> bench_fanout(const topology::topology& like, const fanout_options& options);

struct idle_options : bench_options {
  std::size_t connections = 10'000;
  bool without_peers = false;
};

struct idle_side {
  std::string server;
  std::size_t connections = 0;
  double bytes_each = 0;   // of resident memory that the process gained
  double cpu_percent = 0;  // of one core, while nothing happens
};

struct idle_outcome {
  std::size_t connections = 0;
  std::string limited_by;  // "" when it is as many as were asked for
  std::vector<idle_side> sides;
};

result<idle_outcome> bench_idle(const topology::topology& like, const idle_options& options);

std::string text_of(const fanout_part& told);
boost::json::object json_of(const fanout_part& told);
std::string text_of(const idle_outcome& told);
boost::json::object json_of(const idle_outcome& told);

}  // namespace meridian::lab
