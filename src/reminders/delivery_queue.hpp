// What is due, as those see it who deliver it.
#pragma once

#include "reminders/reminder.hpp"
#include "runtime/deadline.hpp"

namespace meridian::reminders {

struct claim_terms {
  std::size_t count_max = 500;
  std::chrono::milliseconds lease{15'000};       // how long nobody else takes them
  std::chrono::milliseconds late_after{10'000};  // behind its time by more than that, a reminder is late
};

// Due, and the claimer's until the lease ends. The lease's end is also its name: what is confirmed under an older one
// has been taken over by somebody else.
struct claimed {
  reminder it;
  timestamp lease;
  log_position position = 0;  // behind the claim
};

// A series whose time has come, what its next time is (none: it is over), and the id of the occurrence that it leaves.
struct firing {
  std::int64_t series_id = 0;
  std::optional<timestamp> next_at;
  std::int64_t occurrence_id = 0;
};

struct confirmation {
  std::int64_t id = 0;
  bool is_over = false;  // nobody has to see it any more
};

// Shared by all processes of all regions. Each call is one transaction; one that fails may have happened.
class delivery_queue {
 public:
  delivery_queue() = default;
  delivery_queue(const delivery_queue&) = delete;
  delivery_queue& operator=(const delivery_queue&) = delete;
  virtual ~delivery_queue() = default;

  // Takes what is due, the oldest first, and what somebody took and has not confirmed in time.
  virtual task<std::vector<claimed>> claim(claim_terms terms, deadline until) = 0;

  // Answers the occurrences, due and under the same lease. A series that is not held under the lease is left out.
  virtual task<std::vector<claimed>> fire(std::vector<firing> series, timestamp lease, deadline until) = 0;

  // They were announced.
  virtual task<void> confirm(std::vector<confirmation> announced, timestamp lease, deadline until) = 0;

  // To be called about once a second: the primary writes down its time, by which replicas know how old they are.
  // Answers the region where the primary is, "" when that is unknown.
  virtual task<std::string> beat(deadline until) = 0;

  // Deleted reminders go for good after a week.
  virtual task<void> forget(deadline until) = 0;
};

}  // namespace meridian::reminders
