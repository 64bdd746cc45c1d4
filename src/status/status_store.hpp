// The statements about statuses.
#pragma once

#include <string>
#include <vector>

#include "status/clusters.hpp"
#include "status/status.hpp"

namespace meridian::status {

// What a cluster said, and which one.
template <class T>
struct told {
  T what;
  const cluster* from = nullptr;
};

// Rows of one cluster, and where the next page begins; 0 at the end.
struct conflict_page {
  std::vector<conflict> rows;
  std::int64_t next_before = 0;
};

// Where a reader of changes and of ends stands on one cluster: behind that arrival and that end, and of several with
// the same one behind that profile.
struct horizon {
  std::int64_t arrival = 0;
  std::int64_t arrived_id = 0;
  timestamp clock;
  std::int64_t ended_id = std::numeric_limits<std::int64_t>::max();
};

struct change_page {
  std::vector<setting> rows;
  std::int64_t last_arrival = 0;
};

// One for each lane. Settings are as people see them at the cluster's time. Errors are those of clusters::run.
class status_store {
 public:
  explicit status_store(clusters& where) : clusters_(where) {}

  // invalid_argument for an unknown time zone.
  task<told<setting>> set(std::int64_t profile_id, wish what, deadline until);

  // Those that were ever set, in any order.
  task<told<std::vector<setting>>> get(std::vector<std::int64_t> profile_ids, deadline until);

  task<told<setting>> pause(std::int64_t profile_id, ending until_when, deadline until);

  // None when there was no pause.
  task<told<std::optional<setting>>> resume(std::int64_t profile_id, deadline until);

  // Of these profiles, the latest first, from before that id.
  task<told<conflict_page>> list_conflicts(
      std::vector<std::int64_t> profile_ids, std::int64_t before, std::size_t limit, deadline until
  );

  // What follows is asked of one cluster.
  task<horizon> get_horizon(const cluster& at, deadline until);
  // In the order of arrival.
  task<change_page> list_changes(const cluster& at, horizon behind, std::size_t limit, deadline until);
  // Those that ended, in that order, not after `up_to`.
  task<std::vector<setting>> list_expired(
      const cluster& at, horizon behind, timestamp up_to, std::size_t limit, deadline until
  );

 private:
  conflict conflict_of(pg::row found) const;
  std::string name_of(int number) const;

  clusters& clusters_;
};

}  // namespace meridian::status
