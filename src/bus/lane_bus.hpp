// The bus as one lane of a process sees it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>

#include "bus/event.hpp"
#include "bus/inbox.hpp"
#include "bus/interest.hpp"

namespace meridian::bus {

class process_bus;

// What a lane has sent and got since it began. `lost` counts the moments in which hints may have been lost.
struct lane_counters {
  std::uint64_t published = 0;
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::size_t waiting = 0;
};

// Made and owned by the process's bus. Used on its lane only, but for what says otherwise.
class lane_bus final : public publisher {
 public:
  lane_bus(process_bus& shared, boost::asio::any_io_executor lane, inbox_limits limits)
      : shared_(shared), lane_(std::move(lane)), inbox_(limits) {}

  // `on_event` is called once for each event of a topic that is followed, whoever published it: this lane, another one,
  // or another process. `on_loss` says that events may have been lost, before now: compare counters. Both are called
  // in a turn of the lane of their own, never within publish(). An event may come twice or late, and those of a channel
  // in another order than their change_seq's, when they were published on different lanes. `on_turn_end` is called
  // behind the last of some events that come one after the other, in the same turn of the lane.
  void listen(
      std::function<void(const shared_event&)> on_event, std::function<void()> on_loss,
      std::function<void()> on_turn_end = [] {}
  );

  // Counted: a topic is followed until each follow() has had its unfollow(). Events that are published on lanes of this
  // process after follow() has come back arrive. From other processes they do soon: what was missed meanwhile is found
  // by comparing counters.
  void follow(const topic& which);
  void unfollow(const topic& which);
  std::size_t topic_count() const { return followed_.size(); }

  void publish(event what) override;
  bool is_heard(const topic& which) const override;

  // From any thread.
  lane_counters observe() const;

 private:
  friend class process_bus;

  // From any thread.
  void offer(const topic& which, const shared_event& what);
  void announce_loss();
  void wake();

  void drain();

  process_bus& shared_;
  const boost::asio::any_io_executor lane_;
  inbox inbox_;
  interest interest_;
  std::atomic<bool> is_woken_ = false;  // a drain() is posted
  std::atomic<bool> has_lost_ = false;
  std::atomic<std::uint64_t> published_ = 0;
  std::atomic<std::uint64_t> delivered_ = 0;
  std::atomic<std::uint64_t> lost_ = 0;

  // The lane's own.
  std::function<void(const shared_event&)> on_event_;
  std::function<void()> on_loss_;
  std::function<void()> on_turn_end_;
  std::unordered_map<topic, std::uint32_t, topic_hash> followed_;
  std::deque<shared_event> taken_;
};

}  // namespace meridian::bus
