#include "runtime/deadline.hpp"

#include <memory>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace meridian {

namespace asio = boost::asio;

std::chrono::milliseconds deadline::left() const {
  const auto remaining = std::chrono::ceil<std::chrono::milliseconds>(at_ - clock::now());
  return std::max(remaining, std::chrono::milliseconds::zero());
}

task<void> wait_for(
    asio::posix::stream_descriptor& descriptor, asio::posix::descriptor_base::wait_type readiness, deadline until
) {
  // Boost 1.81 has no cancel_after: the timer cancels the wait. A timer that has fired can't be called back, and its
  // handler may run when the descriptor is gone; so it asks first whether anybody still waits.
  asio::steady_timer timer(co_await asio::this_coro::executor, until.at());
  const auto waiting = std::make_shared<bool>(true);
  timer.async_wait([&descriptor, waiting](boost::system::error_code stopped) {
    if (!stopped && *waiting) {
      descriptor.cancel();
    }
  });
  boost::system::error_code failed;
  co_await descriptor.async_wait(readiness, asio::redirect_error(asio::use_awaitable, failed));
  *waiting = false;
  timer.cancel();
  if (failed == asio::error::operation_aborted && until.passed()) {
    co_return error{errc::timed_out, "the deadline passed", ""};
  }
  if (failed) {
    co_return error{errc::cancelled, "waiting was cut short: " + failed.message(), ""};
  }
  co_return result<void>();
}

task<void> pause(std::chrono::steady_clock::duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return result<void>();
}

}  // namespace meridian
