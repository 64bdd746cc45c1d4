// Work that waits: a coroutine that ends with a value or an error.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/result.hpp"

namespace meridian {

template <class T>
using task = boost::asio::awaitable<result<T>>;

// Runs the tasks side by side on this lane and waits for all of them, also when one fails. The error is the first to
// come, with the messages of the later ones appended. At most 1,000 tasks.
task<void> all(std::vector<task<void>> tasks);

// Runs one task on an event loop of its own until it is over: how a command enters the asynchronous world. An exception
// that leaves the task leaves this function.
template <class T>
result<T> run(task<T> work) {
  boost::asio::io_context loop(1);
  std::optional<result<T>> outcome;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, result<T> ended) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
    outcome = std::move(ended);
  });
  loop.run();
  if (!outcome) {
    return error{errc::cancelled, "the work was abandoned before it ended", ""};
  }
  return std::move(*outcome);
}

}  // namespace meridian
