// Where a measurement plays: a throwaway topology with data and a serving process, and the two sides that take turns.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cluster/progress.hpp"
#include "lab/bench_data.hpp"
#include "lab/interruption.hpp"
#include "lab/load_client.hpp"
#include "lab/measurement.hpp"
#include "lab/pgbench.hpp"
#include "lab/throwaway_topology.hpp"

namespace meridian::lab {

// What both benches are told.
struct bench_options {
  std::size_t clients = 64;
  std::int64_t rows = 0;              // messages that are there before; at least what the bench itself needs
  std::chrono::seconds duration{10};  // of one round of one side
  int rounds = 3;
  std::string region;  // of the topology; empty: its first
  bool quiet = false;  // no progress: something else goes to standard output
};

// Blocking; for a command, not for a lane. Everything is erased at its end.
class bench_stage {
 public:
  static result<std::unique_ptr<bench_stage>> set_up(
      const topology::topology& like, const bench_options& options, const data_wish& wish
  );

  // Starts the serving process anew, without a limit on what one person may ask.
  result<void> serve(const std::vector<std::string>& options);

  // One round. A request that fails or has no answer makes it internal.
  result<measurement> run_http(const load_settings& settings, workload& work);
  result<measurement> run_peer(const std::string& script, const std::vector<std::string>& definitions, double rate);

  // For run_http, with the options' clients and duration.
  load_settings settings() const;

  const bench_data& data() const { return data_; }
  const bench_options& options() const { return options_; }
  const topology::region& region() const { return region_; }
  const pg::endpoint& owner() const { return owner_; }
  cluster::progress& told() { return told_; }
  const throwaway_topology& world() const { return *world_; }
  const std::atomic<bool>& interrupted() const { return interrupted_; }

  // Erases everything.
  result<void> tear_down();

 private:
  bench_stage(const topology::region& region, const bench_options& options)
      : region_(region), options_(options), told_(options.quiet) {}

  const topology::region region_;
  const bench_options options_;
  cluster::progress told_;
  std::unique_ptr<throwaway_topology> world_;
  pg::endpoint owner_;    // the admin
  pg::endpoint service_;  // the role that the server has
  bench_data data_;
  const std::atomic<bool>& interrupted_ = catch_interruption();
};

}  // namespace meridian::lab
