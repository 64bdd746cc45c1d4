// An event loop of a test's own, on the test's thread, for what lives longer than one task: pools, fake servers.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "runtime/task.hpp"

namespace meridian::test {

class event_loop {
 public:
  boost::asio::any_io_executor executor() { return loop_.get_executor(); }

  // Runs the task to its end, and meanwhile whatever else lives here. Throws when that takes longer than a minute.
  template <class T>
  result<T> run(task<T> work) {
    std::optional<result<T>> outcome;
    loop_.restart();  // it stops where it ran out of work
    boost::asio::co_spawn(loop_, keep(std::move(work), outcome), rethrow);
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!outcome) {
      if (loop_.run_one_until(end) == 0) {
        throw std::runtime_error("the task does not end");
      }
    }
    return std::move(*outcome);
  }

  // Begins work that nobody waits for; it is dropped where the loop ends before it.
  void begin(boost::asio::awaitable<void> work) { boost::asio::co_spawn(loop_, std::move(work), rethrow); }
  void begin(task<void> work) { begin(drop_result(std::move(work))); }

 private:
  // co_spawn hands over only what can be made from nothing.
  template <class T>
  static boost::asio::awaitable<void> keep(task<T> work, std::optional<result<T>>& outcome) {
    outcome.emplace(co_await std::move(work));
  }

  static boost::asio::awaitable<void> drop_result(task<void> work) { co_await std::move(work); }

  static void rethrow(const std::exception_ptr& thrown) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
  }

  boost::asio::io_context loop_{1};
};

}  // namespace meridian::test
