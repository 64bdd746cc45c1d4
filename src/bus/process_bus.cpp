#include "bus/process_bus.hpp"

#include <algorithm>

namespace meridian::bus {

lane_bus& process_bus::add_lane(const boost::asio::any_io_executor& lane) {
  return *lanes_.emplace_back(std::make_unique<lane_bus>(*this, lane, limits_));
}

void process_bus::deliver(const shared_event& what) {
  const auto which = topic_of(*what);
  for (const auto& lane : lanes_) {
    lane->offer(which, what);
  }
}

void process_bus::announce_loss() {
  for (const auto& lane : lanes_) {
    lane->announce_loss();
  }
}

bool process_bus::is_heard(const topic& which) const {
  return wire_ != nullptr ||
         std::ranges::any_of(lanes_, [&](const auto& lane) { return lane->interest_.may_want(which); });
}

lane_counters process_bus::observe() const {
  lane_counters sum;
  for (const auto& lane : lanes_) {
    const auto one = lane->observe();
    sum.published += one.published;
    sum.delivered += one.delivered;
    sum.lost += one.lost;
    sum.waiting += one.waiting;
  }
  return sum;
}

void process_bus::publish(const topic& which, const shared_event& what) {
  for (const auto& lane : lanes_) {
    lane->offer(which, what);
  }
  if (wire_ != nullptr) {
    wire_->send(which, what);
  }
}

void process_bus::follow(const topic& which) {
  if (wire_ != nullptr) {
    wire_->follow(which);
  }
}

void process_bus::unfollow(const topic& which) {
  if (wire_ != nullptr) {
    wire_->unfollow(which);
  }
}

}  // namespace meridian::bus
