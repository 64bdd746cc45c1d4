// One coroutine waits until another one of the same lane wakes it.
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace meridian {

// For one waiter, once; cheaper than a timer. Whoever waits must be woken before this ends: the waker has the deadline.
class wakeup {
 public:
  wakeup() = default;
  wakeup(const wakeup&) = delete;
  wakeup& operator=(const wakeup&) = delete;

  // Comes back at once when it was woken before.
  boost::asio::awaitable<void> wait() {
    if (!is_woken_) {
      co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
          [this](auto resume) { waiter_ = std::make_unique<waiter_of<decltype(resume)>>(std::move(resume)); },
          boost::asio::use_awaitable
      );
    }
    is_woken_ = false;
  }

  // The waiter goes on in a later turn of the lane.
  void wake() {
    is_woken_ = true;
    if (const auto waiting = std::move(waiter_)) {
      waiting->resume();
    }
  }

 private:
  struct waiter {
    waiter() = default;
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    virtual ~waiter() = default;
    virtual void resume() = 0;
  };

  template <class Handler>
  struct waiter_of final : waiter {
    explicit waiter_of(Handler its_handler) : handler(std::move(its_handler)) {}
    void resume() override { boost::asio::post(std::move(handler)); }

    Handler handler;
  };

  std::unique_ptr<waiter> waiter_;
  bool is_woken_ = false;
};

}  // namespace meridian
