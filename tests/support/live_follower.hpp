// A client as docs/api.md tells people to write it: keeps what it hears, catches up after every connection, and says
// what was out of order.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "http/live_client.hpp"
#include "support/http_client.hpp"

namespace meridian::test {

struct held_message {
  std::int64_t change_seq = 0;
  std::string text;
};

// Runs on a thread of its own from start to stop(); then it is read.
class live_follower {
 public:
  // Doors are tried in turn, the first one first.
  live_follower(std::string token, std::vector<std::uint16_t> doors, std::size_t first_door);
  ~live_follower();
  live_follower(const live_follower&) = delete;
  live_follower& operator=(const live_follower&) = delete;

  void stop();

  static inline std::atomic<bool> notes_delays = true;

  // From any thread: whether everything up to there is here.
  bool has(std::int64_t channel_id, std::int64_t change_seq) const;
  bool has_hello() const { return hellos_ > 0; }

  // After stop().
  const std::map<std::int64_t, held_message>& messages_of(std::int64_t channel_id) const;
  const std::vector<std::string>& faults() const { return faults_; }
  // From the moment that a text says to the one when it came live, in milliseconds; while notes_delays.
  const std::vector<double>& delays() const { return delays_; }
  std::size_t hellos() const { return hellos_; }

  // "... at 123456789 ..." with the steady clock's microseconds now.
  static std::string stamped(const std::string& text);

 private:
  struct channel {
    std::int64_t mine = 0;
    std::int64_t missed_to = 0;
    std::int64_t framed = 0;
    std::map<std::int64_t, held_message> messages;
    std::deque<std::pair<std::int64_t, held_message>> later;  // by the message's id
  };

  void run();
  void live_once(std::uint16_t door);
  void on_frame(const std::string& text);
  void catch_up();
  void apply(std::int64_t channel_id, channel& its, std::int64_t message_id, held_message one);
  void note_delay(const std::string& text);
  void note_reached(std::int64_t channel_id, std::int64_t change_seq);

  std::string token_;
  std::vector<std::uint16_t> doors_;
  std::size_t door_;
  http_client* http_ = nullptr;  // of the door
  std::map<std::int64_t, channel> channels_;
  // What has() tells from: its own thread writes, others read. A channel gets the first place that is free.
  struct reached {
    std::atomic<std::int64_t> channel_id = 0;
    std::atomic<std::int64_t> change_seq = 0;
  };
  std::array<reached, 32> reached_{};
  std::vector<std::string> faults_;
  std::vector<double> delays_;
  std::atomic<std::size_t> hellos_ = 0;
  std::atomic<bool> is_stopped_ = false;
  std::chrono::milliseconds pause_{0};
  std::thread thread_;
};

}  // namespace meridian::test
