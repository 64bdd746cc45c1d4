// The nodes of the reminders' deployment, as one region sees them: the primary, which takes the writes, and the nearest
// node, which answers the reads when it has come far enough.
#pragma once

#include <map>
#include <memory>

#include "pg/ordered_pool.hpp"
#include "reminders/reminder.hpp"
#include "topology/topology.hpp"

namespace meridian::reminders {

struct node_settings {
  // How long a read waits for the nearest node to come as far as its person has been; then the primary answers.
  std::chrono::milliseconds catch_up_time_max{200};
  std::chrono::milliseconds nearest_time_max{1000};  // for an answer of the nearest node
  std::chrono::milliseconds primary_time_max{5000};  // for one of the primary
  std::chrono::milliseconds staleness_max{10'000};   // an older answer is given only when the primary gives none
  std::size_t in_flight_max = 512;                   // of each pool; more are refused as overloaded
};

struct node_health {
  std::string name;  // "primary", "nearest"
  bool is_known = false;
  bool is_reachable = false;
  std::chrono::microseconds answered_in{};
  pg::pool_state pool;
};

// One for each lane; lives and is used on it. The primary is found among all nodes, so that a failover needs no word.
// Pools of its own: when these nodes are down, no other service has less.
class reminder_nodes {
 public:
  // The topology outlives it. `sign_in` has no address.
  reminder_nodes(
      const boost::asio::any_io_executor& lane, const topology::topology& world, const topology::deployment& part,
      const topology::region& here, const pg::endpoint& sign_in, const node_settings& settings = {}
  );

  // On the primary, durable when it comes back. May run twice when a connection is lost. unavailable, timed_out,
  // overloaded; else as pg::pool::run.
  task<written<pg::rows>> write(const pg::query& what, pg::arguments with, deadline until);

  // From the nearest node when that holds everything up to `least`, else from the primary.
  task<read_result<pg::rows>> read(const pg::query& what, pg::arguments with, log_position least, deadline until);

  // For the scheduler, beside the requests: on the primary, over a connection of its own.
  task<written<pg::rows>> schedule(const pg::query& what, pg::arguments with, deadline until);

  // The region of that node; "" for an unknown name. Without a name, where the writes are taken by the topology: an
  // engine that does not tell which node answered keeps its leaders there.
  std::string region_of_node(const std::string& name) const;

  // Asks both whether they answer, for observe().
  task<void> look();
  std::vector<node_health> observe() const;

  task<void> stop(deadline until);

 private:
  task<written<pg::rows>> write_over(
      pg::ordered_pool& where, const pg::query& what, pg::arguments with, deadline until
  );
  task<read_result<pg::rows>> ask(pg::ordered_pool& where, const pg::query& what, pg::arguments with, deadline until);
  task<std::optional<read_result<pg::rows>>> read_nearest(
      const pg::query& what, pg::arguments with, log_position least, deadline until
  );
  task<void> look_at(pg::ordered_pool& where, node_health& seen);
  const pg::statement& prepared(const pg::query& what);

  const topology::deployment& part_;
  const node_settings settings_;
  pg::ordered_pool writes_;
  pg::ordered_pool reads_;  // on the primary
  pg::ordered_pool schedule_;
  std::unique_ptr<pg::ordered_pool> nearest_;  // none where only the leaders may answer
  std::map<const char*, pg::statement> statements_;
  std::vector<node_health> seen_;
};

}  // namespace meridian::reminders
