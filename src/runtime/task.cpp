#include "runtime/task.hpp"

#include <memory>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace meridian {
namespace {

namespace asio = boost::asio;

// Shared by the waiting coroutine and the tasks it waits for; all on one lane.
struct gathering {
  std::size_t running;
  std::optional<error> failure;
  std::exception_ptr thrown;
  asio::steady_timer finished;

  void add(error next) {
    if (!failure) {
      failure = std::move(next);
    } else if (failure->message.size() < 2000) {
      failure->message += "; " + next.message;
    }
  }
};

}  // namespace

task<void> all(std::vector<task<void>> tasks) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer never(executor, asio::steady_timer::time_point::max());
  const auto shared = std::make_shared<gathering>(tasks.size(), std::nullopt, nullptr, std::move(never));
  for (auto& work : tasks) {
    asio::co_spawn(executor, std::move(work), [shared](std::exception_ptr thrown, result<void> ended) {
      if (thrown) {
        shared->thrown = thrown;
      } else if (!ended) {
        shared->add(ended.error());
      }
      if (--shared->running == 0) {
        shared->finished.cancel();
      }
    });
  }
  while (shared->running > 0) {
    boost::system::error_code woken;
    co_await shared->finished.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  if (shared->thrown) {
    std::rethrow_exception(shared->thrown);
  }
  if (shared->failure) {
    co_return std::move(*shared->failure);
  }
  co_return result<void>();
}

}  // namespace meridian
