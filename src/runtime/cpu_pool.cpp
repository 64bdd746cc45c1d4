#include "runtime/cpu_pool.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace meridian {

namespace asio = boost::asio;

struct cpu_pool::threads {
  explicit threads(std::size_t count) : pool(count) {}

  asio::thread_pool pool;
};

namespace {

// Of one piece of work. The thread writes `thrown` and `was_run` before it posts, the lane reads them after; the rest
// is the lane's.
struct piece {
  piece(const asio::any_io_executor& lane, deadline until) : finished(lane, until.at()) {}

  asio::steady_timer finished;
  std::exception_ptr thrown;
  bool was_run = false;
  bool is_done = false;
};

}  // namespace

cpu_pool::cpu_pool(std::size_t threads_count, std::size_t queue_max)
    : count_max_(threads_count + queue_max), threads_(std::make_unique<threads>(threads_count)) {}

cpu_pool::~cpu_pool() {
  threads_->pool.stop();
  threads_->pool.join();
}

task<void> cpu_pool::run_wrapped(std::function<void()> work, deadline until) {
  if (count_.fetch_add(1, std::memory_order_relaxed) >= count_max_) {
    count_.fetch_sub(1, std::memory_order_relaxed);
    co_return error{errc::overloaded, "too much work waits for the processor", "Try again in a moment."};
  }
  const auto lane = co_await asio::this_coro::executor;
  auto shared = std::make_shared<piece>(lane, until);
  asio::post(threads_->pool, [this, lane, shared, until, work = std::move(work)]() mutable {
    if (!until.passed()) {
      try {
        work();
      } catch (...) {
        shared->thrown = std::current_exception();
      }
      shared->was_run = true;
    }
    work = nullptr;
    count_.fetch_sub(1, std::memory_order_relaxed);
    asio::post(lane, [shared = std::move(shared)] {
      shared->is_done = true;
      shared->finished.cancel();
    });
  });
  while (!shared->is_done && !until.passed()) {
    boost::system::error_code woken;
    co_await shared->finished.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  if (!shared->is_done || !shared->was_run) {
    co_return error{errc::timed_out, "the processor was busy until the deadline", "Try again in a moment."};
  }
  if (shared->thrown) {
    std::rethrow_exception(shared->thrown);
  }
  co_return result<void>();
}

}  // namespace meridian
