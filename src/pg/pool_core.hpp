// What the pools have in common: connections that are kept open, and statements over them. Theirs only.
#pragma once

#include <algorithm>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "pg/bell.hpp"
#include "pg/breaker.hpp"
#include "pg/pipeline.hpp"
#include "pg/pool.hpp"

namespace meridian::pg {

// One statement and what became of it.
struct order {
  const statement* what;
  const arguments* with;
  answer got;
};

// Lives on its pool's lane, as long as that or as one of its coroutines.
struct pool_core : std::enable_shared_from_this<pool_core> {
  pool_core(boost::asio::any_io_executor executor, pool_settings chosen, bool is_for_reads_only)
      : lane(std::move(executor)),
        settings(std::move(chosen)),
        reads_only(is_for_reads_only),
        guard(settings.breaker_failures_max, settings.breaker_pause_min, settings.breaker_pause_max),
        changed(lane) {
    slots.resize(std::max<std::size_t>(settings.connections, 1));
    opening.resize(slots.size());
  }

  void start();
  static boost::asio::awaitable<void> keep(std::shared_ptr<pool_core> self, std::size_t slot);
  task<std::shared_ptr<pipeline>> connect(std::size_t slot);
  boost::asio::awaitable<void> rest(int failures);
  std::chrono::nanoseconds jittered(std::chrono::nanoseconds longest);
  std::shared_ptr<pipeline> idlest() const;
  task<void> wait_for_connection(deadline until);
  task<void> run(std::span<order> orders, deadline until, repeat again);
  bool may_repeat(const answer& last, pipeline& on, repeat again) const;
  void close(const error& why);

  // What pool and ordered_pool offer; the first is called once for each run.
  result<void> admit();
  pool_state observe() const;
  static task<void> stop(std::shared_ptr<pool_core> self, deadline until);

  boost::asio::any_io_executor lane;
  pool_settings settings;
  const bool reads_only;  // a node that takes no writes will do
  breaker guard;
  bell changed;                                    // a connection came or went, a statement ended, the breaker moved
  std::vector<std::shared_ptr<pipeline>> slots;    // nullptr while there is no connection
  std::vector<std::shared_ptr<pipeline>> opening;  // the same
  std::shared_ptr<pipeline_counts> sent = std::make_shared<pipeline_counts>();
  pool_state counts;
  std::size_t node = 0;  // in use, or to be tried next
  std::size_t keepers = 0;
  error last_failure;
  std::minstd_rand random{std::random_device()()};
  bool is_started = false;
  bool is_stopping = false;  // nothing new is taken, and no connection is made
  bool is_closed = false;
};

// Counts a run for as long as its coroutine lives.
struct run_in_flight {
  explicit run_in_flight(pool_core& chosen) : all(chosen) { ++all.counts.in_flight; }
  run_in_flight(const run_in_flight&) = delete;
  run_in_flight& operator=(const run_in_flight&) = delete;
  ~run_in_flight() {
    if (--all.counts.in_flight == 0 && all.is_stopping) {
      all.changed.ring();
    }
  }

  pool_core& all;
};

}  // namespace meridian::pg
