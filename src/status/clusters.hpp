// The clusters that keep statuses, the closest first.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pg/pool.hpp"
#include "topology/topology.hpp"

namespace meridian::status {

// A standalone cluster: one node under the postgres engine, the nodes of one region under yugabyte.
struct cluster {
  std::string name;  // its first node's
  int number = 0;    // in the deployment, from 1: rows carry it
  const topology::region* where = nullptr;
};

struct cluster_state {
  const cluster* which = nullptr;
  bool is_known = false;      // it was asked
  bool is_reachable = false;  // and answered the last time
  pg::pool_state pool;
};

struct clusters_settings {
  // Of each cluster's pool: few, as a status is rare, so that a dead cluster holds little.
  std::size_t connections = 1;
  std::size_t in_flight_max = 512;

  // How long the closest one may take before another is asked.
  std::chrono::milliseconds patience{1000};
};

// One for each lane; lives and is used on it. What it holds is its own: no other service waits for it. The topology
// outlives it.
class clusters {
 public:
  // `here` is any region of the topology; `sign_in` has no address.
  clusters(
      const boost::asio::any_io_executor& lane, const topology::topology& world, const topology::deployment& part,
      const topology::region& here, const pg::endpoint& sign_in, const clusters_settings& settings = {}
  );

  struct answer {
    const cluster* from;
    pg::rows rows;
  };

  // Asks the closest one, and the other when that does not answer: each takes all reads and writes, and they merge what
  // both took. unavailable when none answers, unprepared when one has no schema; other errors are the statement's own.
  task<answer> read(const pg::query& what, pg::arguments with, deadline until);

  // The same for a statement whose last parameter, which is added here, is the time behind which it does nothing: a
  // write that was given up is not done later, over newer ones. It may be made twice, on both.
  task<answer> write(const pg::query& what, pg::arguments with, deadline until);

  // Asks that one only; for the poll.
  task<pg::rows> run_at(const cluster& where, const pg::query& what, pg::arguments with, deadline until);

  // The closest first.
  std::vector<const cluster*> all() const;

  // nullptr for none of that number.
  const cluster* find(int number) const;

  std::vector<cluster_state> observe() const;

  // Answers that another cluster than the closest gave.
  std::uint64_t detours() const { return detours_; }

  task<void> stop(deadline until);

 private:
  struct member {
    cluster which;
    std::unique_ptr<pg::pool> pool;
    bool is_known = false;
    bool is_reachable = false;
    std::chrono::steady_clock::time_point avoided_until;  // it was silent just now: the other one is asked first
  };

  // How a statement is asked of one.
  using attempt = std::function<task<pg::rows>(member&, deadline)>;

  task<answer> first_of(attempt asking, deadline until);
  std::vector<member*> in_order() const;
  task<pg::rows> ask(member& one, const pg::query& what, pg::arguments with, deadline until);

  std::vector<std::unique_ptr<member>> members_;  // the closest first; never changes
  std::chrono::milliseconds patience_;
  std::uint64_t detours_ = 0;
};

}  // namespace meridian::status
