// What the lanes of a serving process share.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bus/process_bus.hpp"
#include "http/websocket.hpp"
#include "messaging/message_service.hpp"
#include "metrics/registry.hpp"
#include "pg/pool.hpp"
#include "reminders/seen_positions.hpp"
#include "runtime/cpu_pool.hpp"
#include "runtime/rate_limiter.hpp"
#include "serve/settings.hpp"
#include "topology/topology.hpp"

namespace meridian::serve {

struct pool_report {
  const topology::region* where;
  pg::pool_state pool;
};

// Something besides the regions that a service needs, and the process can do without.
struct dependency_report {
  std::string kind;  // "cluster"
  std::string name;
  service of = service::profile;
  bool is_known = false;  // it has been asked
  bool is_reachable = false;
  bool is_open = false;  // the breaker
};

struct cluster_report {
  std::string name;
  pg::pool_state pool;
};

struct status_report {
  std::vector<cluster_report> clusters;
  std::uint64_t detours = 0;
};

// A lane as it is at one moment.
struct lane_report {
  std::size_t handling = 0;     // requests
  std::size_t connections = 0;  // of clients, live ones not among them
  http::websocket_counters live;
  std::vector<pool_report> pools;
  status_report status;
  std::vector<cluster_report> reminders;  // their nodes
};

// Outlives the lanes. Constant while they run, but for what says otherwise.
struct process_state {
  process_state(
      const topology::topology& its_world, const topology::region& its_region, process_settings its_settings,
      cpu_pool& its_cpu
  )
      : world(its_world), here(its_region), settings(std::move(its_settings)), cpu(its_cpu) {}

  // For ids: different for each lane, and most likely from those of other processes.
  int next_writer_number() {
    constexpr int writer_number_max = 31;
    writer_number_ = writer_number_ % writer_number_max + 1;
    return writer_number_;
  }

  const topology::topology& world;
  const topology::region& here;
  const process_settings settings;
  cpu_pool& cpu;              // shared by the lanes
  std::string instance;       // tells processes apart in answers and logs
  metrics::registry numbers;  // from any thread
  const std::shared_ptr<messaging::send_rooms> send_rooms = std::make_shared<messaging::send_rooms>();
  const std::shared_ptr<rate_limiter> requests = std::make_shared<rate_limiter>(
      rate_limit{.per_second = settings.requests_per_second, .burst = 2 * settings.requests_per_second}
  );
  const std::shared_ptr<rate_limiter> attempts = std::make_shared<rate_limiter>(
      rate_limit{.per_second = settings.attempts_per_minute / 60, .burst = settings.attempts_per_minute}
  );
  // Far more than an office whose sessions have all ended asks at once.
  const std::shared_ptr<rate_limiter> strangers =
      std::make_shared<rate_limiter>(rate_limit{.per_second = 10, .burst = 300});
  bus::process_bus events;  // from any thread, once the lanes are made
  reminders::seen_positions seen_reminders;
  std::atomic<bool> draining = false;

  // Whether the lane that is being made is the one that does what a process does once; for the first caller.
  bool claim_single_work() { return !std::exchange(is_claimed_, true); }

  // Asks each lane, from any of them.
  std::function<boost::asio::awaitable<std::vector<lane_report>>()> observe_lanes;

 private:
  bool is_claimed_ = false;
  int writer_number_ = static_cast<int>(std::random_device()() % 31);
};

}  // namespace meridian::serve
