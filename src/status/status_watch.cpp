#include "status/status_watch.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"

namespace meridian::status {
namespace {

using namespace std::chrono_literals;

constexpr auto look_time_max = 1500ms;  // of one cluster
constexpr std::size_t page_rows = 500;
constexpr int pages_max = 20;  // of one look: who changes more at once is not announced whole
constexpr std::size_t expired_max = 1000;

}  // namespace

task<void> status_watch::run() {
  while (!is_stopped_) {
    const auto looked = co_await look();
    if (!looked && !is_stopped_ && looked.error().code != errc::unavailable && looked.error().code != errc::timed_out) {
      log::warning("status", "changes are not announced: {}", looked.error().message);
    }
    if (is_stopped_) {
      break;
    }
    pause_.expires_after(interval);
    boost::system::error_code woken;
    co_await pause_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }
  co_return result<void>();
}

void status_watch::stop() {
  is_stopped_ = true;
  pause_.cancel();
}

task<void> status_watch::look() {
  result<void> outcome;
  for (const auto* at : clusters_.all()) {
    outcome = co_await look_at(*at);
    if (outcome) {
      break;
    }
  }
  co_return outcome;
}

// The first look only learns where to begin: clients read what is there when they connect.
task<void> status_watch::look_at(const cluster& at) {
  const auto until = deadline::in(look_time_max);
  MERIDIAN_CO_TRY(const auto now, co_await store_.get_horizon(at, until));
  const auto before = seen_.find(&at);
  if (before != seen_.end()) {
    MERIDIAN_CO_CHECK(co_await announce_changes(at, before->second.arrival, until));
    MERIDIAN_CO_TRY(
        const auto expired, co_await store_.list_expired(at, before->second.clock, now.clock, expired_max, until)
    );
    for (const auto& one : expired) {
      tell_.announce(one);
    }
  }
  seen_[&at] = now;
  co_return result<void>();
}

task<void> status_watch::announce_changes(const cluster& at, std::int64_t arrival, deadline until) {
  std::int64_t profile_id = 0;
  for (int count = 0; count < pages_max; ++count) {
    MERIDIAN_CO_TRY(const auto page, co_await store_.list_changes(at, arrival, profile_id, page_rows, until));
    for (const auto& one : page.rows) {
      tell_.announce(one);
    }
    if (page.rows.size() < page_rows) {
      co_return result<void>();
    }
    arrival = page.last_arrival;
    profile_id = page.rows.back().profile_id;
  }
  log::warning("status", "more than {} statuses changed at once: not all are announced", page_rows * pages_max);
  co_return result<void>();
}

}  // namespace meridian::status
