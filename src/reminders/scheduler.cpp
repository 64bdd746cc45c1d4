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
constexpr auto post_time_max = 2s;
constexpr auto confirm_time_max = 2s;
constexpr std::size_t posts_max = 32;  // at once
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

task<std::size_t> scheduler::round(deadline until) {
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
    MERIDIAN_CO_TRY(auto occurrences, co_await fire(std::move(series), lease - settings_.terms.lease, until));
    std::ranges::move(occurrences, std::back_inserter(all));
  }
  if (settings_.on_delivery) {
    const auto late = std::ranges::count_if(all, [](const claimed& one) { return one.it.is_late; });
    settings_.on_delivery(all.size(), static_cast<std::size_t>(late));
  }
  const auto posts = std::ranges::partition(all, [](const claimed& one) { return !one.it.channel_id; });
  std::vector<claimed> to_post(std::make_move_iterator(posts.begin()), std::make_move_iterator(posts.end()));
  all.erase(posts.begin(), posts.end());
  MERIDIAN_CO_CHECK(co_await announce_all(all, lease, until));
  MERIDIAN_CO_CHECK(co_await post_all(std::move(to_post), lease));
  co_return count;
}

task<void> scheduler::announce_all(const std::vector<claimed>& all, timestamp lease, deadline until) {
  std::vector<confirmation> done;
  for (const auto& one : all) {
    announce(one);
    done.push_back({one.it.id, false});
  }
  co_return done.empty() ? result<void>() : co_await queue_.confirm(std::move(done), lease, until);
}

// Side by side, behind all that needs nobody else: a region that does not answer holds up its own posts only.
task<void> scheduler::post_all(std::vector<claimed> all, timestamp lease) {
  for (std::size_t begun = 0; begun < all.size(); begun += posts_max) {
    std::vector<confirmation> done;
    std::vector<task<void>> posts;
    const auto until = deadline::in(post_time_max);
    for (auto at = begun; at < std::min(all.size(), begun + posts_max); ++at) {
      posts.push_back(post(all[at], until, done));
    }
    MERIDIAN_CO_CHECK(co_await meridian::all(std::move(posts)));
    if (!done.empty()) {
      MERIDIAN_CO_CHECK(co_await queue_.confirm(std::move(done), lease, deadline::in(confirm_time_max)));
    }
  }
  co_return result<void>();
}

// What was missed while nobody delivered is one late occurrence: the next one is to come.
task<std::vector<claimed>> scheduler::fire(std::vector<claimed> series, timestamp now, deadline until) {
  std::vector<firing> firings;
  for (const auto& one : series) {
    const auto next_at = settings_.next_time(one.it, std::max(now, one.it.notify_at));
    if (!next_at) {
      log::error(room, "the series {} is left to others: {}", one.it.id, next_at.error().message);
      continue;
    }
    firing next;
    next.series_id = one.it.id;
    next.occurrence_id = ids_.next(settings_.region_number);
    next.next_at = *next_at;
    firings.push_back(next);
  }
  if (firings.empty()) {
    co_return std::vector<claimed>();
  }
  co_return co_await queue_.fire(std::move(firings), series.front().lease, until);
}

// Always succeeds. Not done when it is to be tried again: the lease ends by itself.
task<void> scheduler::post(const claimed& one, deadline until, std::vector<confirmation>& done) {
  auto text = post_text_of(one.it);
  auto key = post_key_of(one.it);
  const auto posted =
      co_await others_.post(*one.it.channel_id, one.it.created_by, std::move(text), std::move(key), until);
  if (posted) {
    done.push_back({one.it.id, true});
  } else if (is_final(posted.error().code)) {
    announce(one);  // to its maker, who sees that it could not go where it should
    done.push_back({one.it.id, false});
  }
  co_return result<void>();
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
    const auto delivered = co_await round(deadline::in(round_time_max));
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
