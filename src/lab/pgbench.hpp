// PostgreSQL's own load generator, as the peer that a measurement is compared with.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "lab/latency_histogram.hpp"
#include "pg/connection.hpp"
#include "pg/query.hpp"

namespace meridian::lab {

// A pgbench script that runs the statement once a transaction: comments left out, the region filled in, $1, $2, ... as
// values[0], values[1], ... say (":channel_id::bigint"). `prelude` comes first: its \set commands.
std::string pgbench_script(
    const pg::query& what, const std::string& region, const std::string& prelude, const std::vector<std::string>& values
);

struct pgbench_settings {
  pg::endpoint where;
  std::filesystem::path password_file;
  std::filesystem::path directory;  // for the script and the log
  std::string script;
  std::size_t clients = 64;
  int threads = 1;
  double arrivals_per_second = 0;  // zero: closed loop
  std::chrono::seconds duration{10};
  std::vector<std::string> definitions;  // "name=value", for -D
};

struct pgbench_outcome {
  latency_histogram latencies;
  double transactions_per_second = 0;
  double cpu_seconds = 0;  // of pgbench itself
};

// not_found when pgbench is missing; internal with what it said when it failed, or a transaction did.
result<pgbench_outcome> run_pgbench(const pgbench_settings& settings);

// "tps = 123.4 (without initial connection time)" in what pgbench prints; invalid_argument when it is not there.
result<double> read_tps(std::string_view printed);

// Adds the latencies of pgbench's log (one line a transaction: client, number, microseconds, ...).
result<void> read_log(std::string_view log, latency_histogram& latencies);

}  // namespace meridian::lab
