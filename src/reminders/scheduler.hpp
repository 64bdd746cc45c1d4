// Delivers what is due: at least once, however often somebody crashes on the way; shown once, for clients know a
// reminder again by its id and time.
#pragma once

#include <functional>
#include <memory>
#include <random>

#include <boost/asio/steady_timer.hpp>

#include "base/id_source.hpp"
#include "bus/event.hpp"
#include "reminders/delivery_queue.hpp"
#include "reminders/neighbours.hpp"
#include "reminders/seen_positions.hpp"

namespace meridian::reminders {

struct scheduler_settings {
  claim_terms terms;
  std::string region;     // where this process stands
  int region_number = 0;  // for ids, with the writer's
  int writer_number = 1;

  // Between looks when nothing is due: near the primary, and elsewhere, where it is somebody else's turn unless nobody
  // is there.
  std::chrono::milliseconds interval_near{250};
  std::chrono::milliseconds interval_far{2000};

  // When a series comes next after that time; none: never again. An error where this process does not know its rule or
  // time zone: another one may.
  std::function<result<std::optional<timestamp>>(const reminder&, timestamp after)> next_time;

  // Told how many were delivered, and how many of these were late.
  std::function<void(std::size_t, std::size_t)> on_delivery;
};

// One for each process; any number of processes of any region share the work. Lives on one lane; what it is made of
// outlives it.
//
// Claim (durable) → announce on the bus, or post into the channel → confirm (durable). A crash before the confirmation
// lets the lease end, and the next one announces again. An announcement that nobody heard is not repeated: the reminder
// stays due until its person completes it.
class scheduler {
 public:
  scheduler(
      const boost::asio::any_io_executor& lane, delivery_queue& queue, neighbours& others, bus::publisher& events,
      seen_positions& seen, scheduler_settings settings
  );

  // One batch; answers how many were claimed. What is due, and where a series goes on, is decided by the queue's clock.
  task<std::size_t> round(deadline until);

  // Until stop(); to be started once.
  task<void> run();
  void stop();

 private:
  task<std::vector<claimed>> fire(std::vector<claimed> series, timestamp now, deadline until);
  task<void> announce_all(const std::vector<claimed>& all, timestamp lease, deadline until);
  task<void> post_all(std::vector<claimed> all, timestamp lease);
  task<void> post(const claimed& one, deadline until, std::vector<confirmation>& done);
  void announce(const claimed& one);
  task<void> rest(std::chrono::milliseconds longest);
  task<void> keep_up(bool& is_near);

  delivery_queue& queue_;
  neighbours& others_;
  bus::publisher& events_;
  seen_positions& seen_;
  scheduler_settings settings_;
  id_source ids_;
  boost::asio::steady_timer timer_;
  std::minstd_rand random_{std::random_device()()};
  deadline next_beat_ = deadline::in({});
  deadline next_forgetting_;
  bool is_stopped_ = false;
};

}  // namespace meridian::reminders
