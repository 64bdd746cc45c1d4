// Coroutines of one lane wait for something to change.
#pragma once

#include <list>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "runtime/deadline.hpp"

namespace meridian::pg {

class bell {
 public:
  explicit bell(boost::asio::any_io_executor lane) : lane_(std::move(lane)) {}

  // Until the next ring, or the deadline. What is waited for is then to be looked at again.
  boost::asio::awaitable<void> wait(deadline until) {
    const listener self(waiting_, boost::asio::steady_timer(lane_, until.at()));
    boost::system::error_code rung;
    co_await self.place->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, rung));
  }

  void ring() {
    for (auto& one : waiting_) {
      one.cancel();
    }
  }

 private:
  using timers = std::list<boost::asio::steady_timer>;

  struct listener {
    listener(timers& all_timers, boost::asio::steady_timer timer)
        : all(all_timers), place(all.insert(all.end(), std::move(timer))) {}
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    ~listener() { all.erase(place); }

    timers& all;
    timers::iterator place;
  };

  boost::asio::any_io_executor lane_;
  timers waiting_;
};

}  // namespace meridian::pg
