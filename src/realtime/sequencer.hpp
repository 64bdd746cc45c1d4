// The order of one channel's events: each once, by change_seq, with nothing left out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "bus/event.hpp"

namespace meridian::realtime {

struct order_settings {
  // Events of one channel that several servers publish overtake each other by a few milliseconds, and a commit is seen
  // by the comparison of counters before its event comes. Only what is late by more is asked for.
  std::chrono::milliseconds patience{40};

  // After a question that failed; doubled each time.
  std::chrono::milliseconds retry_pause{250};
  int tries_max = 4;

  // A channel that is further behind (somebody inserted by the thousand) is left to its readers, who page at their own
  // pace.
  std::int64_t behind_max = 1000;

  // Events ahead of their turn. Those beyond it are asked for when the gap is closed.
  std::size_t kept_max = 256;
};

// What changed in a channel behind a change_seq, as the database told it in one moment. Messages that changed again
// since are there once, where they are now: so the numbers ascend and may leave some out.
struct changes {
  std::vector<bus::shared_event> events;  // ascending by change_seq
  bool is_complete = false;               // there is nothing between the last event and `change_seq`
  std::int64_t change_seq = 0;            // of the channel in that moment
  std::int64_t last_seq = 0;
};

// Whom the events are for.
class event_sink {
 public:
  event_sink() = default;
  event_sink(const event_sink&) = delete;
  event_sink& operator=(const event_sink&) = delete;
  virtual ~event_sink() = default;

  virtual void deliver(const bus::shared_event& what) = 0;

  // The events up to this change_seq can't be had: whoever wants them has to ask.
  virtual void give_up(std::int64_t change_seq) = 0;
};

// Pure: time is handed in, questions are taken out, answers are handed in. One question at a time.
//
// What it promises: the change_seq of what it delivers ascends. Whoever has been delivered everything up to n, and knew
// the channel as it was when he began to listen, has every message as it was at n or later, except those that changed
// again behind n: they come with the greater number. So n is a cursor from which to go on anywhere.
class sequencer {
 public:
  using clock = std::chrono::steady_clock;

  // A channel as it is now, for those who begin to listen now.
  sequencer(std::int64_t change_seq, std::int64_t last_seq)
      : known_(change_seq), wanted_(change_seq), last_seq_(last_seq), base_last_seq_(last_seq) {}

  // Everything up to here was delivered: what those who begin to listen now are told.
  std::int64_t known() const { return known_; }
  std::int64_t last_seq() const { return last_seq_; }

  // A message or a change, in whatever order and however often they come.
  void on_event(bus::shared_event what, clock::time_point now, const order_settings& rules, event_sink& out);

  // The database has come that far.
  void on_counter(std::int64_t change_seq, clock::time_point now, const order_settings& rules);

  // When a question will be due; none while nothing is missing or one is under way.
  std::optional<clock::time_point> due() const;

  // The change_seq behind which to ask, once due() has passed. To be followed by on_changes or on_failure.
  std::int64_t begin_question();

  // Where a message counts as new in an answer: behind this seq.
  std::int64_t new_behind_seq() const { return base_last_seq_; }

  void on_changes(const changes& answer, clock::time_point now, const order_settings& rules, event_sink& out);
  void on_failure(clock::time_point now, const order_settings& rules, event_sink& out);

 private:
  void pass(const bus::shared_event& what, event_sink& out);
  void keep(bus::shared_event what, std::size_t kept_max);
  void go_on(clock::time_point now, const order_settings& rules, event_sink& out);
  void skip_to(std::int64_t change_seq);

  std::int64_t known_;
  std::int64_t wanted_;         // the greatest change_seq that is known to exist
  std::int64_t last_seq_;       // of the newest message at known_
  std::int64_t base_last_seq_;  // the same when the series of questions began
  std::int64_t asked_wanted_ = 0;
  clock::time_point due_ = clock::time_point::max();
  std::unique_ptr<std::vector<bus::shared_event>> ahead_;  // ascending; none while all is in order
  std::int8_t tries_ = 0;
  bool is_asking_ = false;
};

}  // namespace meridian::realtime
