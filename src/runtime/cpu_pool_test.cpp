#include "runtime/cpu_pool.hpp"

#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace meridian {
namespace {

using namespace std::chrono_literals;

task<std::string> name_of_thread(cpu_pool& pool) {
  const auto lane = std::this_thread::get_id();
  std::function<bool()> work = [lane] { return std::this_thread::get_id() != lane; };
  MERIDIAN_CO_TRY(const bool elsewhere, co_await pool.run(std::move(work), deadline::in(10s)));
  const bool came_back = std::this_thread::get_id() == lane;
  co_return std::string(elsewhere ? "elsewhere" : "here") + (came_back ? " and back" : " and lost");
}

TEST(cpu_pool, works_on_a_thread_and_comes_back_to_the_lane) {
  cpu_pool pool(1, 10);
  EXPECT_EQ(run(name_of_thread(pool)).value(), "elsewhere and back");
  EXPECT_EQ(pool.size(), 0U);
}

task<int> wait_for(cpu_pool& pool, std::shared_future<void> open, deadline until) {
  std::function<int()> work = [open] {
    open.wait();
    return 1;
  };
  co_return co_await pool.run(std::move(work), until);
}

TEST(cpu_pool, a_full_queue_refuses_and_the_deadline_is_kept) {
  std::promise<void> gate;
  const auto open = gate.get_future().share();
  boost::asio::io_context loop(1);  // outlives the pool
  cpu_pool pool(1, 1);
  std::vector<errc> ends;
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(loop, wait_for(pool, open, deadline::in(50ms)), [&](std::exception_ptr, result<int> ended) {
      ends.push_back(ended.error().code);
    });
  }
  loop.run_for(5s);
  EXPECT_EQ(ends, (std::vector{errc::overloaded, errc::timed_out, errc::timed_out}));
  gate.set_value();
  while (pool.size() > 0) {
    std::this_thread::yield();
  }
  EXPECT_EQ(run(wait_for(pool, open, deadline::in(10s))).value(), 1);
}

task<int> fail(cpu_pool& pool) {
  std::function<int()> work = []() -> int { throw std::out_of_range("a bug"); };
  co_return co_await pool.run(std::move(work), deadline::in(10s));
}

TEST(cpu_pool, what_the_work_throws_is_thrown_to_the_caller) {
  cpu_pool pool(2, 10);
  EXPECT_THROW(run(fail(pool)), std::out_of_range);
}

}  // namespace
}  // namespace meridian
