// The channels that somebody on this lane follows, and who.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "realtime/follower_set.hpp"
#include "realtime/place.hpp"
#include "realtime/sequencer.hpp"

namespace meridian::realtime {

struct followed_channel {
  explicit followed_channel(const place& there)
      : where(there), order(there.change_seq, there.last_seq), version(there.version) {}

  // As those who begin to follow now are told.
  place now() const;

  place where;  // its numbers are those of the first follower's beginning
  sequencer order;
  std::int64_t version;  // of the channel's row, as rights were last checked
  follower_set followers;
  follower_set lookers;  // of the followers: who has it open
  std::uint32_t incarnation = 0;
  bool is_waiting = false;  // in the board's list of those that may have a question
};

// What the board says to its hub. Followers must not be added or removed during deliver and give_up.
class board_listener {
 public:
  board_listener() = default;
  board_listener(const board_listener&) = delete;
  board_listener& operator=(const board_listener&) = delete;
  virtual ~board_listener() = default;

  // Has its first follower; has lost its last one, and is forgotten behind this call.
  virtual void begin(const followed_channel& channel) = 0;
  virtual void end(const followed_channel& channel) = 0;

  virtual void deliver(const followed_channel& channel, const bus::shared_event& what) = 0;
  virtual void give_up(const followed_channel& channel, std::int64_t change_seq) = 0;
};

// Which changes of a channel are to be asked for.
struct question {
  std::int64_t channel_id = 0;
  std::uint32_t incarnation = 0;
  std::int64_t after_change_seq = 0;
};

// One for each lane. Pure, as the sequencer is. Holds what its followers hold: the caps are theirs.
class board {
 public:
  using clock = sequencer::clock;

  explicit board(board_listener& listener, order_settings rules = {}) : listener_(listener), rules_(rules) {}

  // `there` was read after the caller began to want it. The answer tells where the follower begins: he is delivered
  // what lies behind its change_seq and nothing before, and has to ask for what he misses up to it.
  place follow(const place& there, follower& who, clock::time_point now);
  void unfollow(std::int64_t channel_id, follower& who);

  followed_channel* find(std::int64_t channel_id);
  std::size_t size() const { return channels_.size(); }

  // A message or a change; others are the hub's. Of a channel that nobody follows: ignored.
  void on_event(const bus::shared_event& what, clock::time_point now);
  void on_counter(std::int64_t channel_id, std::int64_t change_seq, clock::time_point now);

  std::optional<clock::time_point> due() const;
  std::vector<question> begin_questions(clock::time_point now, std::size_t count_max);

  // Behind this seq a message of the answer is a new one. None when the channel was forgotten meanwhile.
  std::optional<std::int64_t> new_behind_seq(const question& asked);
  void on_changes(const question& asked, const changes& answer, clock::time_point now);
  void on_failure(const question& asked, clock::time_point now);

  template <class Work>
  void each(Work work) const {
    for (const auto& [id, channel] : channels_) {
      work(*channel);
    }
  }

 private:
  class sink;
  followed_channel* asked_channel(const question& asked);
  void watch(followed_channel& channel);

  board_listener& listener_;
  order_settings rules_;
  std::unordered_map<std::int64_t, std::unique_ptr<followed_channel>> channels_;
  std::vector<followed_channel*> waiting_;
  std::uint32_t incarnations_ = 0;
};

}  // namespace meridian::realtime
