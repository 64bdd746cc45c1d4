// What happens to work that has begun, and has looked at rows, when somebody else's transaction comes first.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {

// Does `first` in a transaction of its own on the node, runs the work on the lane until it waits for a row of that,
// then `meanwhile`, and commits.
template <class Lane, class T>
result<T> run_behind(
    const local_topology& world, Lane& lane, const std::string& node, const std::string& first, task<T> work,
    const std::function<void()>& meanwhile = [] {}
) {
  auto holding = world.connect(node);
  holding.text("BEGIN");
  holding.text(first);
  std::thread later([&] {
    auto looking = world.connect(node);
    EXPECT_TRUE(wait_until([&] {
      return looking.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") != "0";
    })) << "nothing waits";
    meanwhile();
    holding.text("COMMIT");
  });
  auto outcome = lane.run(std::move(work));
  later.join();
  return outcome;
}

}  // namespace meridian::test
