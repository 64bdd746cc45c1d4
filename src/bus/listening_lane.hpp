// For tests: a lane that keeps what it hears.
#pragma once

#include <cstdint>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "bus/process_bus.hpp"

namespace meridian::bus {

inline event message_in(std::int64_t channel_id, std::int64_t seq, std::int64_t from = 0) {
  event made;
  made.channel_id = channel_id;
  made.seq = seq;
  made.change_seq = seq;
  made.profile_id = from;
  made.frame = "{\"type\":\"message\"}";
  return made;
}

// Has a thread of its own.
class listening_lane {
 public:
  explicit listening_lane(process_bus& shared) : bus(shared.add_lane(loop_.get_executor())) {
    bus.listen([this](const shared_event& what) { heard.push_back(what); }, [this] { ++losses; });
    thread_ = std::thread([this] { loop_.run(); });
  }
  listening_lane(const listening_lane&) = delete;
  listening_lane& operator=(const listening_lane&) = delete;
  ~listening_lane() { end(); }

  void end() {
    work_.reset();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  // Does it on the lane, and waits for it.
  template <class Work>
  auto on(Work work) {
    std::packaged_task<decltype(work())()> told(std::move(work));
    auto done = told.get_future();
    boost::asio::post(loop_, std::move(told));
    return done.get();
  }
  void follow(topic which) {
    on([this, which] { bus.follow(which); });
  }
  void unfollow(topic which) {
    on([this, which] { bus.unfollow(which); });
  }
  void publish(std::int64_t channel_id, std::int64_t seq) {
    on([=, this] { bus.publish(message_in(channel_id, seq)); });
  }
  // Until it has heard all that was published before.
  void catch_up() {
    do {
      on([] {});
    } while (bus.observe().waiting > 0);
  }
  std::vector<std::int64_t> seqs() {
    catch_up();
    return on([this] {
      std::vector<std::int64_t> seqs;
      for (const auto& one : heard) {
        seqs.push_back(one->seq);
      }
      return seqs;
    });
  }
  int loss_count() {
    catch_up();
    return on([this] { return losses; });
  }

 private:
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
  std::thread thread_;

 public:
  lane_bus& bus;
  std::vector<shared_event> heard;
  int losses = 0;
};

}  // namespace meridian::bus
