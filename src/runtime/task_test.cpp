#include "runtime/task.hpp"

#include <gtest/gtest.h>

#include "runtime/deadline.hpp"

namespace meridian {
namespace {

using namespace std::chrono_literals;

task<void> note(std::vector<int>& order, int number, std::chrono::milliseconds after) {
  MERIDIAN_CO_CHECK(co_await pause(after));
  order.push_back(number);
  if (number < 0) {
    co_return error{errc::unavailable, "number " + std::to_string(number), ""};
  }
  co_return result<void>();
}

TEST(all, runs_side_by_side_and_waits_for_every_one) {
  std::vector<int> order;
  std::vector<task<void>> tasks;
  tasks.push_back(note(order, 2, 40ms));
  tasks.push_back(note(order, 1, 10ms));
  EXPECT_TRUE(run(all(std::move(tasks))));
  EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST(all, tells_every_failure_after_the_last_task) {
  std::vector<int> order;
  std::vector<task<void>> tasks;
  tasks.push_back(note(order, -1, 0ms));
  tasks.push_back(note(order, 3, 20ms));
  tasks.push_back(note(order, -2, 10ms));
  EXPECT_EQ(run(all(std::move(tasks))).error().message, "number -1; number -2");
  EXPECT_EQ(order.size(), 3);
}

TEST(all, is_over_at_once_when_there_is_nothing_to_do) {
  EXPECT_TRUE(run(all({})));
}

}  // namespace
}  // namespace meridian
