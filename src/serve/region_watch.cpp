#include "serve/region_watch.hpp"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "serve/queries.hpp"

namespace meridian::serve {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds interval = 1s;
constexpr std::chrono::milliseconds interval_in_trouble = 250ms;
constexpr auto answer_time_max = 1500ms;

}  // namespace

region_watch::region_watch(
    const asio::any_io_executor& lane, residency::regions& where, std::chrono::milliseconds remote_interval
)
    : regions_(where), remote_interval_(remote_interval) {
  for (const auto* place : where.all()) {
    seen_.push_back(region_health{place});
    pauses_.push_back(std::make_unique<asio::steady_timer>(lane));
  }
}

const region_health& region_watch::here() const {
  return *std::ranges::find(seen_, &regions_.here(), &region_health::where);
}

task<void> region_watch::run() {
  std::vector<task<void>> watches;
  for (std::size_t index = 0; index < seen_.size(); ++index) {
    if (seen_[index].where == &regions_.here() || remote_interval_ > 0ms) {
      watches.push_back(watch(index));
    }
  }
  co_return co_await all(std::move(watches));
}

void region_watch::stop() {
  is_stopped_ = true;
  for (const auto& pause : pauses_) {
    pause->cancel();
  }
}

std::chrono::milliseconds region_watch::interval_of(const region_health& seen) const {
  if (seen.where != &regions_.here()) {
    return remote_interval_;
  }
  return seen.is_reachable ? interval : interval_in_trouble;
}

task<void> region_watch::watch(std::size_t index) {
  auto& seen = seen_[index];
  while (!is_stopped_) {
    MERIDIAN_CO_CHECK(co_await look(seen));
    if (is_stopped_) {
      break;
    }
    pauses_[index]->expires_after(interval_of(seen));
    boost::system::error_code woken;
    co_await pauses_[index]->async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  co_return result<void>();
}

// Always succeeds.
task<void> region_watch::look(region_health& seen) {
  const auto begun = deadline::clock::now();
  const auto until = deadline::in(answer_time_max);
  pg::arguments none;
  const auto answer = co_await regions_.run(*seen.where, queries::probe, std::move(none), until);
  const bool reachable = answer.has_value();
  if (seen.is_known && seen.is_reachable != reachable && !is_stopped_) {
    log::warning("serve", "the region {} {}", seen.where->name, reachable ? "answers again" : "does not answer");
    if (on_change_) {
      on_change_(*seen.where, reachable);
    }
  }
  seen.is_known = true;
  seen.is_reachable = reachable;
  seen.answered_in = std::chrono::duration_cast<std::chrono::microseconds>(deadline::clock::now() - begun);
  co_return result<void>();
}

}  // namespace meridian::serve
