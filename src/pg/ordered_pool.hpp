// A pool for statements that depend on each other's order, and for nodes that take no writes.
#pragma once

#include <memory>

#include "pg/pool.hpp"

namespace meridian::pg {

struct pool_core;

// What two statements in a row answered.
struct answer_pair {
  rows first;
  rows second;
};

enum class access { writes, reads_only };

// As pool, with the same lane, life and rules.
class ordered_pool {
 public:
  // For reads a node that takes no writes will do.
  ordered_pool(boost::asio::any_io_executor lane, pool_settings settings, access wanted = access::writes);
  ordered_pool(const ordered_pool&) = delete;
  ordered_pool& operator=(const ordered_pool&) = delete;
  ~ordered_pool();

  task<rows> run(const statement& what, arguments with, deadline until, repeat again = repeat::safe);

  // Two statements in one packet, on one connection, the second when the first is over; each is a transaction of its
  // own. So the second tells of a time after the first's commit, and reads nothing that is older than what the first
  // saw. They fail as one, as run() does; when the first is tried again, so is the second.
  task<answer_pair> run_in_order(
      const statement& first, arguments first_with, const statement& second, arguments second_with, deadline until,
      repeat again = repeat::safe
  );

  pool_state observe() const;
  task<void> stop(deadline until);

 private:
  std::shared_ptr<pool_core> core_;
};

}  // namespace meridian::pg
