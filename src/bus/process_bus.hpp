// What the lanes of a process share of the bus.
#pragma once

#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "bus/lane_bus.hpp"
#include "bus/wire.hpp"

namespace meridian::bus {

// Lives as long as the process serves, longer than the lanes' threads. Lanes and the wire are put in before any thread
// runs, and the wire is taken out when none runs any more; between, it does not change and is used from all of them.
class process_bus {
 public:
  explicit process_bus(inbox_limits limits = {}) : limits_(limits) {}
  process_bus(const process_bus&) = delete;
  process_bus& operator=(const process_bus&) = delete;

  // Lives as long as this.
  lane_bus& add_lane(const boost::asio::any_io_executor& lane);

  // To other processes; without one, events stay in this process. It outlives the lanes' threads.
  void connect(wire& beyond) { wire_ = &beyond; }
  void disconnect() { wire_ = nullptr; }

  // From any thread: an event from another process, and that some may not have come.
  void deliver(const shared_event& what);
  void announce_loss();

  // Whether a lane may follow the topic, or another process may.
  bool is_heard(const topic& which) const;

  // Of all lanes.
  lane_counters observe() const;
  const wire* connected() const { return wire_; }

 private:
  friend class lane_bus;

  void publish(const topic& which, const shared_event& what);
  void follow(const topic& which);
  void unfollow(const topic& which);

  const inbox_limits limits_;
  std::vector<std::unique_ptr<lane_bus>> lanes_;
  wire* wire_ = nullptr;
};

}  // namespace meridian::bus
