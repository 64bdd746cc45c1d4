#include "status/status_watch.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"

namespace meridian::status {
namespace {

using namespace std::chrono_literals;

constexpr auto look_time_max = 1500ms;  // of one cluster
constexpr std::size_t page_rows = 500;
constexpr int pages_max = 20;  // of one look; the next one goes on

// Elsewhere, and once instead of at every look.
bool is_told(errc code) {
  return code == errc::unavailable || code == errc::timed_out || code == errc::unprepared;
}

}  // namespace

task<void> status_watch::run() {
  while (!is_stopped_) {
    const auto looked = co_await look();
    if (!looked && !is_stopped_ && !is_told(looked.error().code)) {
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
  co_await ask_silent_ones();
  co_return outcome;
}

// Or nobody would learn that one is back which nobody needs meanwhile.
task<void> status_watch::ask_silent_ones() {
  for (const auto& seen : clusters_.observe()) {
    if (seen.is_known && !seen.is_reachable) {
      co_await store_.get_horizon(*seen.which, deadline::in(look_time_max));
    }
  }
  co_return result<void>();
}

// The first look only learns where to begin: clients read what is there when they connect.
task<void> status_watch::look_at(const cluster& at) {
  const auto until = deadline::in(look_time_max);
  MERIDIAN_CO_TRY(const auto now, co_await store_.get_horizon(at, until));
  const auto [place, is_first] = seen_.emplace(&at, now);
  if (!is_first) {
    MERIDIAN_CO_CHECK(co_await announce_changes(at, now, place->second, until));
    MERIDIAN_CO_CHECK(co_await announce_ended(at, now, place->second, until));
  }
  co_return result<void>();
}

task<void> status_watch::announce_changes(const cluster& at, horizon now, horizon& reached, deadline until) {
  for (int count = 0; count < pages_max; ++count) {
    MERIDIAN_CO_TRY(const auto page, co_await store_.list_changes(at, reached, page_rows, until));
    for (const auto& one : page.rows) {
      tell_.announce(one);
    }
    // At the horizon and beyond others may arrive yet: from there it is read again.
    if (page.rows.size() < page_rows || page.last_arrival >= now.arrival) {
      reached.arrival = now.arrival;
      reached.arrived_id = now.arrived_id;
      break;
    }
    reached.arrival = page.last_arrival;
    reached.arrived_id = page.rows.back().profile_id;
  }
  co_return result<void>();
}

// Thousands end at the same moment: at five o'clock.
task<void> status_watch::announce_ended(const cluster& at, horizon now, horizon& reached, deadline until) {
  for (int count = 0; count < pages_max; ++count) {
    MERIDIAN_CO_TRY(const auto ended, co_await store_.list_expired(at, reached, now.clock, page_rows, until));
    for (const auto& one : ended) {
      tell_.announce(one);
    }
    if (ended.size() < page_rows) {
      reached.clock = now.clock;
      reached.ended_id = now.ended_id;
      break;
    }
    reached.clock = *ended.back().set_at;  // of what has ended: its end
    reached.ended_id = ended.back().profile_id;
  }
  co_return result<void>();
}

}  // namespace meridian::status
