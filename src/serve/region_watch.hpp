// Whether the regions answer, as one lane sees it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "residency/regions.hpp"

namespace meridian::serve {

struct region_health {
  const topology::region* where = nullptr;
  bool is_known = false;  // it has been asked
  bool is_reachable = false;
  std::chrono::microseconds answered_in{};
};

// Asks the own region's node every second and the others' every `remote_interval` (zero: never; their breakers tell
// enough), so that /readyz need not wait for one that is frozen. Lives on one lane.
class region_watch {
 public:
  region_watch(
      const boost::asio::any_io_executor& lane, residency::regions& where, std::chrono::milliseconds remote_interval
  );

  // Called when a region that was asked before has come back or gone; before run().
  void listen(std::function<void(const topology::region&, bool is_reachable)> on_change) {
    on_change_ = std::move(on_change);
  }

  // Until stop(); to be started once.
  task<void> run();
  void stop();

  // In the topology's order.
  const std::vector<region_health>& now() const { return seen_; }
  const region_health& here() const;

 private:
  task<void> watch(std::size_t index);
  task<void> look(region_health& seen);

  std::chrono::milliseconds interval_of(const region_health& seen) const;

  residency::regions& regions_;
  const std::chrono::milliseconds remote_interval_;
  std::function<void(const topology::region&, bool)> on_change_;
  std::vector<region_health> seen_;
  std::vector<std::unique_ptr<boost::asio::steady_timer>> pauses_;
  bool is_stopped_ = false;
};

}  // namespace meridian::serve
