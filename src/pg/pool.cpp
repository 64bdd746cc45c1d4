#include "pg/pool.hpp"

#include <algorithm>
#include <random>

#include <boost/asio/co_spawn.hpp>

#include "base/log.hpp"
#include "pg/bell.hpp"
#include "pg/breaker.hpp"
#include "pg/pipeline.hpp"

namespace meridian::pg {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr int retries_max = 5;
constexpr auto retry_pause_min = 1ms;       // doubled with each retry, and jittered
constexpr auto reconnect_pause_min = 20ms;  // likewise; from the breaker's opening on, its pause
constexpr auto reconnect_pause_max = 1s;

}  // namespace

struct pool::state : std::enable_shared_from_this<pool::state> {
  state(asio::any_io_executor executor, pool_settings chosen)
      : lane(std::move(executor)),
        settings(std::move(chosen)),
        guard(settings.breaker_failures_max, settings.breaker_pause_min, settings.breaker_pause_max),
        changed(lane) {
    slots.resize(std::max<std::size_t>(settings.connections, 1));
    opening.resize(slots.size());
  }

  void start();
  static asio::awaitable<void> keep(std::shared_ptr<state> self, std::size_t slot);
  task<std::shared_ptr<pipeline>> connect(std::size_t slot);
  asio::awaitable<void> rest(int failures);
  std::chrono::nanoseconds jittered(std::chrono::nanoseconds longest);
  std::shared_ptr<pipeline> idlest() const;
  task<void> wait_for_connection(deadline until);
  task<rows> run(const statement& what, const arguments& with, deadline until, repeat again);
  bool may_repeat(const answer& last, pipeline& on, repeat again) const;
  void close(const error& why);

  asio::any_io_executor lane;
  pool_settings settings;
  breaker guard;
  bell changed;                                    // a connection came or went, a statement ended, the breaker moved
  std::vector<std::shared_ptr<pipeline>> slots;    // nullptr while there is no connection
  std::vector<std::shared_ptr<pipeline>> opening;  // the same
  std::shared_ptr<pipeline_counts> sent = std::make_shared<pipeline_counts>();
  pool_state counts;
  std::size_t node = 0;  // in use, or to be tried next
  std::size_t keepers = 0;
  error last_failure;
  std::minstd_rand random{std::random_device()()};
  bool is_started = false;
  bool is_stopping = false;  // nothing new is taken, and no connection is made
  bool is_closed = false;
};

// With the first statement: a pool that nobody uses costs nothing.
void pool::state::start() {
  is_started = true;
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    ++keepers;
    asio::co_spawn(lane, keep(shared_from_this(), slot), [self = shared_from_this()](const std::exception_ptr& thrown) {
      --self->keepers;
      self->changed.ring();
      if (thrown) {
        std::rethrow_exception(thrown);
      }
    });
  }
}

// Keeps one connection open, and reads its answers.
asio::awaitable<void> pool::state::keep(std::shared_ptr<state> self, std::size_t slot) {
  int failures = 0;
  while (!self->is_stopping) {
    if (!self->guard.admit(breaker::clock::now())) {
      co_await self->changed.wait(deadline::in(self->guard.next_try() - breaker::clock::now()));
      continue;
    }
    auto opened = co_await self->connect(slot);
    if (self->is_stopping) {
      break;
    }
    if (opened) {
      failures = 0;
      self->guard.succeeded();
      self->slots[slot] = *opened;
      self->changed.ring();
      self->last_failure = co_await (*opened)->serve();
      self->slots[slot].reset();
    } else {
      self->last_failure = std::move(opened).error();
    }
    if (self->is_stopping) {
      break;
    }
    ++self->counts.failures;
    self->guard.failed(breaker::clock::now());
    self->changed.ring();
    co_await self->rest(failures++);
  }
}

// Jittered, so that many servers don't come back in step.
asio::awaitable<void> pool::state::rest(int failures) {
  const auto longest =
      std::min<breaker::clock::duration>(reconnect_pause_min * (1 << std::min(failures, 6)), reconnect_pause_max);
  const auto end = deadline::in(jittered(longest));
  while (!is_stopping && !end.passed()) {
    co_await changed.wait(end);
  }
}

std::chrono::nanoseconds pool::state::jittered(std::chrono::nanoseconds longest) {
  return std::chrono::nanoseconds(std::uniform_int_distribution(longest.count() / 2, longest.count())(random));
}

// The first node that takes writes, beginning with the one that did so last.
task<std::shared_ptr<pipeline>> pool::state::connect(std::size_t slot) {
  error last{errc::unavailable, "there is no node", ""};
  const auto first = node;
  for (std::size_t tried = 0; tried < settings.nodes.size() && !is_stopping; ++tried) {
    const auto index = (first + tried) % settings.nodes.size();
    const auto opened = std::make_shared<pipeline>(lane, settings.nodes[index], sent);
    const auto until = deadline::in(settings.connect_time_max);
    opening[slot] = opened;
    auto ready = co_await opened->open(until);
    opening[slot].reset();
    if (!ready) {
      last = std::move(ready).error();
      continue;
    }
    node = index;
    ++counts.connects;
    co_return opened;
  }
  co_return last;
}

// The connection with the fewest statements in flight; nullptr for none.
std::shared_ptr<pipeline> pool::state::idlest() const {
  std::shared_ptr<pipeline> best;
  for (const auto& one : slots) {
    if (one && one->is_open() && (!best || one->in_flight() < best->in_flight())) {
      best = one;
    }
  }
  return best;
}

task<void> pool::state::wait_for_connection(deadline until) {
  while (!idlest()) {
    if (guard.is_open() || is_stopping) {
      co_return error{errc::unavailable, last_failure.message, last_failure.remedy};
    }
    if (until.passed()) {
      co_return error{errc::timed_out, "no connection in time", ""};
    }
    co_await changed.wait(until);
  }
  co_return result<void>();
}

bool pool::state::may_repeat(const answer& last, pipeline& on, repeat again) const {
  switch (last.end) {
    case answer::fate::answered:
      if (last.failure && last.failure->code == errc::wrong_region && settings.nodes.size() > 1) {
        on.retire();  // the node has become a standby: the others know the new primary
        return true;
      }
      return last.failure && last.failure->code == errc::retry;
    case answer::fate::undone:
    case answer::fate::unsent:
      return true;
    case answer::fate::lost:
      return again == repeat::safe;
  }
  return false;
}

task<rows> pool::state::run(const statement& what, const arguments& with, deadline until, repeat again) {
  for (int tried = 0;; ++tried) {
    auto chosen = idlest();
    if (!chosen) {
      MERIDIAN_CO_CHECK(co_await wait_for_connection(until));
      chosen = idlest();
    }
    answer got;
    co_await chosen->run(what, with, until, got);
    if (!got.failure) {
      co_return std::move(got.rows);
    }
    counts.failures += got.failure->code == errc::timed_out ? 1 : 0;
    if (tried == retries_max || is_closed || until.passed() || !may_repeat(got, *chosen, again)) {
      co_return std::move(*got.failure);
    }
    ++counts.retries;
    MERIDIAN_CO_CHECK(co_await pause(jittered(retry_pause_min * (1 << tried))));
  }
}

// Counts a statement for as long as its coroutine lives.
struct pool::in_flight_here {
  explicit in_flight_here(state& chosen) : all(chosen) { ++all.counts.in_flight; }
  in_flight_here(const in_flight_here&) = delete;
  in_flight_here& operator=(const in_flight_here&) = delete;
  ~in_flight_here() {
    if (--all.counts.in_flight == 0 && all.is_stopping) {
      all.changed.ring();
    }
  }

  state& all;
};

void pool::state::close(const error& why) {
  is_stopping = true;
  is_closed = true;
  for (const auto* these : {&slots, &opening}) {
    for (const auto& one : *these) {
      if (one) {
        one->close(why);
      }
    }
  }
  changed.ring();
}

pool::pool(asio::any_io_executor lane, pool_settings settings)
    : state_(std::make_shared<state>(std::move(lane), std::move(settings))) {}

pool::~pool() {
  state_->close(error{errc::cancelled, "the pool is gone", ""});
}

task<rows> pool::run(const statement& what, arguments with, deadline until, repeat again) {
  const auto self = state_;
  if (self->is_stopping) {
    co_return error{errc::unavailable, "the service is stopping", ""};
  }
  if (self->counts.in_flight >= self->settings.in_flight_max) {
    co_return error{errc::overloaded, "too many statements wait for the database", ""};
  }
  if (!self->is_started) {
    self->start();
  }
  const in_flight_here counted(*self);
  co_return co_await self->run(what, with, until, again);
}

pool_state pool::observe() const {
  auto now = state_->counts;
  now.statements = state_->sent->statements;
  now.round_trips = state_->sent->round_trips;
  now.connections_open = static_cast<std::size_t>(std::ranges::count_if(state_->slots, [](const auto& one) {
    return one && one->is_open();
  }));
  now.is_open = state_->guard.is_open() && now.connections_open == 0;
  return now;
}

task<void> pool::stop(deadline until) {
  const auto self = state_;
  self->is_stopping = true;
  self->changed.ring();
  while (self->counts.in_flight > 0 && !until.passed()) {
    co_await self->changed.wait(until);
  }
  const bool is_cut = self->counts.in_flight > 0;
  self->close(error{errc::unavailable, "the service is stopping", ""});
  while (self->keepers > 0) {
    co_await self->changed.wait(deadline::in(100ms));
  }
  if (is_cut) {
    co_return error{errc::timed_out, "statements were cut short", ""};
  }
  co_return result<void>();
}

}  // namespace meridian::pg
