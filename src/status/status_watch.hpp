// Finds what changed without this process: by psql, by the other cluster, by time.
#pragma once

#include <chrono>
#include <map>

#include <boost/asio/steady_timer.hpp>

#include "status/announcer.hpp"
#include "status/status_store.hpp"

namespace meridian::status {

// Reads every two seconds what arrived on the closest cluster, or on the other while that does not answer, and what
// expired, and announces it. On one lane of a process.
class status_watch {
 public:
  static constexpr std::chrono::milliseconds interval{2000};

  // What it is given outlives it.
  status_watch(const boost::asio::any_io_executor& lane, clusters& where, status_store& store, announcer& tell)
      : clusters_(where), store_(store), tell_(tell), pause_(lane) {}

  // Until stop(); to be started once. Always succeeds.
  task<void> run();
  void stop();

  // One look. unavailable when no cluster answers.
  task<void> look();

 private:
  task<void> look_at(const cluster& at);
  task<void> announce_changes(const cluster& at, horizon now, horizon& reached, deadline until);
  task<void> announce_ended(const cluster& at, horizon now, horizon& reached, deadline until);
  task<void> ask_silent_ones();

  clusters& clusters_;
  status_store& store_;
  announcer& tell_;
  std::map<const cluster*, horizon> seen_;  // up to where, on each that was looked at
  boost::asio::steady_timer pause_;
  bool is_stopped_ = false;
};

}  // namespace meridian::status
