#include "reminders/scheduler.hpp"

#include <algorithm>

#include <fmt/core.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "reminders/reminder_codec.hpp"

namespace meridian::reminders {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view room = "reminders";
constexpr auto round_time_max = 5s;  // less than a lease
constexpr auto beat_interval = 1s;
constexpr auto beat_time_max = 2s;
constexpr auto forgetting_interval = 1h;

// No other try would end otherwise.
bool is_final(errc code) {
  return code == errc::not_found || code == errc::forbidden || code == errc::conflict ||
         code == errc::invalid_argument || code == errc::too_large;
}

// The same for every try to deliver this one, and of no other.
std::string post_key_of(const reminder& it) {
  return fmt::format("reminder {} {}", it.id, it.notify_at.time_since_epoch().count());
}

std::string post_text_of(const reminder& it) {
  auto text = "Reminder: " + it.text;
  if (it.message_id) {
    text += fmt::format("{}/v1/messages/{}", it.text.empty() ? "" : " ", *it.message_id);
  }
  return text;
}

}  // namespace

scheduler::scheduler(
    const asio::any_io_executor& lane, delivery_queue& queue, neighbours& others, bus::publisher& events,
    seen_positions& seen, scheduler_settings settings
)
    : queue_(queue),
      others_(others),
      events_(events),
      seen_(seen),
      settings_(std::move(settings)),
      ids_(settings_.writer_number),
      timer_(lane),
      next_forgetting_(deadline::in(forgetting_interval)) {}

task<std::size_t> scheduler::round(timestamp now, deadline until) {
  MERIDIAN_CO_TRY(auto all, co_await queue_.claim(settings_.terms, until));
  if (all.empty()) {
    co_return std::size_t{0};
  }
  const auto count = all.size();
  const auto lease = all.front().lease;
  const auto others = std::ranges::partition(all, [](const claimed& one) { return !one.it.recurrence; });
  std::vector<claimed> series(std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
  all.erase(others.begin(), others.end());
  if (!series.empty()) {
    MERIDIAN_CO_TRY(auto occurrences, co_await fire(std::move(series), now, until));
    std::ranges::move(occurrences, std::back_inserter(all));
  }
  std::vector<confirmation> done;
  for (const auto& one : all) {
    MERIDIAN_CO_TRY(const auto delivered, co_await deliver(one, until));
    if (delivered) {
      done.push_back(*delivered);
    }
  }
  MERIDIAN_CO_CHECK(co_await queue_.confirm(std::move(done), lease, until));
  if (settings_.on_delivery) {
    const auto late = std::ranges::count_if(all, [](const claimed& one) { return one.it.is_late; });
    settings_.on_delivery(all.size(), static_cast<std::size_t>(late));
  }
  co_return count;
}

// What was missed while nobody delivered is one late occurrence: the next one is to come.
task<std::vector<claimed>> scheduler::fire(std::vector<claimed> series, timestamp now, deadline until) {
  std::vector<firing> firings;
  for (const auto& one : series) {
    firing next;
    next.series_id = one.it.id;
    next.occurrence_id = ids_.next(settings_.region_number);
    next.next_at = settings_.next_time(one.it, std::max(now, one.it.notify_at));
    firings.push_back(next);
  }
  co_return co_await queue_.fire(std::move(firings), series.front().lease, until);
}

// None when it is to be tried again: the lease ends by itself.
task<std::optional<confirmation>> scheduler::deliver(const claimed& one, deadline until) {
  if (!one.it.channel_id) {
    announce(one);
    co_return std::optional(confirmation{one.it.id, false});
  }
  auto text = post_text_of(one.it);
  auto key = post_key_of(one.it);
  const auto posted =
      co_await others_.post(*one.it.channel_id, one.it.created_by, std::move(text), std::move(key), until);
  if (posted) {
    co_return std::optional(confirmation{one.it.id, true});
  }
  if (!is_final(posted.error().code)) {
    co_return std::optional<confirmation>();
  }
  announce(one);  // to its maker, who sees that it could not go where it should
  co_return std::optional(confirmation{one.it.id, false});
}

void scheduler::announce(const claimed& one) {
  seen_.keep(one.it.profile_id, one.position);
  bus::event due;
  due.what = bus::event_kind::reminder;
  due.profile_id = one.it.profile_id;
  due.frame = frame_of(one.it, one.position);
  events_.publish(std::move(due));
}

// Always succeeds.
task<void> scheduler::keep_up(bool& is_near) {
  if (next_beat_.passed()) {
    next_beat_ = deadline::in(beat_interval);
    const auto region = co_await queue_.beat(deadline::in(beat_time_max));
    is_near = region && *region == settings_.region;
  }
  if (next_forgetting_.passed()) {
    next_forgetting_ = deadline::in(forgetting_interval);
    const auto forgotten = co_await queue_.forget(deadline::in(beat_time_max));
    if (!forgotten) {
      log::warning(room, "deleted reminders stay for now: {}", forgotten.error().message);
    }
  }
  co_return result<void>();
}

task<void> scheduler::run() {
  bool is_near = false;
  bool is_failing = false;
  while (!is_stopped_) {
    MERIDIAN_CO_CHECK(co_await keep_up(is_near));
    const auto now = std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
    const auto delivered = co_await round(now, deadline::in(round_time_max));
    if (is_failing != !delivered.has_value()) {
      is_failing = !delivered.has_value();
      log::warning(room, "{}", is_failing ? "delivery waits: " + delivered.error().message : "delivery goes on");
    }
    if (!delivered || *delivered < settings_.terms.count_max) {
      MERIDIAN_CO_CHECK(co_await rest(is_near || is_failing ? settings_.interval_near : settings_.interval_far));
    }
  }
  co_return result<void>();
}

// Jittered, so that processes don't look in step.
task<void> scheduler::rest(std::chrono::milliseconds longest) {
  if (is_stopped_) {
    co_return result<void>();
  }
  const auto most = longest.count();
  timer_.expires_after(std::chrono::milliseconds(std::uniform_int_distribution(most / 2, most)(random_)));
  boost::system::error_code woken;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  co_return result<void>();
}

void scheduler::stop() {
  is_stopped_ = true;
  timer_.cancel();
}

}  // namespace meridian::reminders
