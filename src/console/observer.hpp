// Looks at the whole topology for who asks, at most once a second however many ask.
#pragma once

#include <memory>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "console/node_probe.hpp"
#include "residency/regions.hpp"

namespace meridian::console {

// One for each lane; what it is given outlives it. Holds one connection to each node once somebody has asked.
class observer {
 public:
  observer(residency::regions& where, const pg::endpoint& sign_in);

  // As it was at most a second ago; rows at most five. Nodes that do not answer take a second and a half to be told.
  // timed_out at the deadline.
  task<std::shared_ptr<const view>> look(deadline until);

 private:
  task<void> look_at_all();
  task<void> count_rows(std::vector<table_view>& tables, deadline until);

  residency::regions& regions_;
  std::vector<node_probe> probes_;
  std::shared_ptr<boost::asio::steady_timer> looked_;  // while somebody looks; cancelled when the look is over
  std::shared_ptr<const view> last_;
  deadline::clock::time_point last_at_;
  std::vector<table_view> tables_;
  deadline::clock::time_point counted_at_;
};

}  // namespace meridian::console
