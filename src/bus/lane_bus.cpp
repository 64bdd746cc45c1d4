#include "bus/lane_bus.hpp"

#include <stdexcept>
#include <utility>

#include <boost/asio/post.hpp>

#include "bus/process_bus.hpp"

namespace meridian::bus {
namespace {

// Handled in one turn of the lane: requests get their turn between.
constexpr std::size_t events_a_turn_max = 256;

}  // namespace

void lane_bus::listen(
    std::function<void(const shared_event&)> on_event, std::function<void()> on_loss, std::function<void()> on_turn_end
) {
  on_event_ = std::move(on_event);
  on_loss_ = std::move(on_loss);
  on_turn_end_ = std::move(on_turn_end);
}

void lane_bus::follow(const topic& which) {
  if (followed_[which]++ == 0) {
    interest_.add(which);
    shared_.follow(which);
  }
}

void lane_bus::unfollow(const topic& which) {
  const auto found = followed_.find(which);
  if (found == followed_.end()) {
    throw std::logic_error("a topic is unfollowed that is not followed: " + to_string(which));
  }
  if (--found->second == 0) {
    followed_.erase(found);
    interest_.remove(which);
    shared_.unfollow(which);
  }
}

void lane_bus::publish(event what) {
  const auto which = topic_of(what);
  if (!shared_.is_heard(which)) {
    return;
  }
  published_.fetch_add(1, std::memory_order_relaxed);
  shared_.publish(which, std::make_shared<const event>(std::move(what)));
}

bool lane_bus::is_heard(const topic& which) const {
  return shared_.is_heard(which);
}

lane_counters lane_bus::observe() const {
  lane_counters now;
  now.published = published_.load(std::memory_order_relaxed);
  now.delivered = delivered_.load(std::memory_order_relaxed);
  now.lost = lost_.load(std::memory_order_relaxed);
  now.waiting = inbox_.size();
  return now;
}

void lane_bus::offer(const topic& which, const shared_event& what) {
  if (!interest_.may_want(which)) {
    return;
  }
  if (inbox_.put(what)) {
    wake();
  } else {
    announce_loss();
  }
}

void lane_bus::announce_loss() {
  if (!has_lost_.exchange(true)) {
    lost_.fetch_add(1, std::memory_order_relaxed);
  }
  wake();
}

void lane_bus::wake() {
  if (!is_woken_.exchange(true)) {
    boost::asio::post(lane_, [this] { drain(); });
  }
}

void lane_bus::drain() {
  // Before the look: what comes after it posts the next one.
  is_woken_ = false;
  inbox_.take(taken_);
  for (std::size_t handled = 0; handled < events_a_turn_max && !taken_.empty(); ++handled) {
    const auto next = std::move(taken_.front());
    taken_.pop_front();
    inbox_.release(*next);
    // It may have been unfollowed meanwhile, or shares its place with one that is followed.
    if (on_event_ && followed_.contains(topic_of(*next))) {
      delivered_.fetch_add(1, std::memory_order_relaxed);
      on_event_(next);
    }
  }
  if (on_turn_end_) {
    on_turn_end_();
  }
  if (!taken_.empty()) {
    wake();
    return;
  }
  if (has_lost_.exchange(false) && on_loss_) {
    on_loss_();
  }
}

}  // namespace meridian::bus
