#include "pg/pool_core.hpp"

#include <boost/asio/co_spawn.hpp>

namespace meridian::pg {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr int retries_max = 5;
constexpr auto retry_pause_min = 1ms;       // doubled with each retry, and jittered
constexpr auto reconnect_pause_min = 20ms;  // likewise; from the breaker's opening on, its pause
constexpr auto reconnect_pause_max = 1s;

task<void> carry(std::shared_ptr<pipeline> on, order& one, deadline until) {
  co_await on->run(*one.what, *one.with, until, one.got);
  co_return result<void>();
}

// What went wrong first; nullptr for nothing.
const answer* first_failure(std::span<const order> orders) {
  const auto found = std::ranges::find_if(orders, [](const order& one) { return one.got.failure.has_value(); });
  return found == orders.end() ? nullptr : &found->got;
}

}  // namespace

// With the first statement: a pool that nobody uses costs nothing.
void pool_core::start() {
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
asio::awaitable<void> pool_core::keep(std::shared_ptr<pool_core> self, std::size_t slot) {
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
asio::awaitable<void> pool_core::rest(int failures) {
  const auto longest =
      std::min<breaker::clock::duration>(reconnect_pause_min * (1 << std::min(failures, 6)), reconnect_pause_max);
  const auto end = deadline::in(jittered(longest));
  while (!is_stopping && !end.passed()) {
    co_await changed.wait(end);
  }
}

std::chrono::nanoseconds pool_core::jittered(std::chrono::nanoseconds longest) {
  return std::chrono::nanoseconds(std::uniform_int_distribution(longest.count() / 2, longest.count())(random));
}

// The first node that takes writes, beginning with the one that did so last.
task<std::shared_ptr<pipeline>> pool_core::connect(std::size_t slot) {
  error last{errc::unavailable, "there is no node", ""};
  const auto first = node;
  for (std::size_t tried = 0; tried < settings.nodes.size() && !is_stopping; ++tried) {
    const auto index = (first + tried) % settings.nodes.size();
    const auto opened = std::make_shared<pipeline>(lane, settings.nodes[index], sent);
    const auto until = deadline::in(settings.connect_time_max);
    opening[slot] = opened;
    auto ready = co_await opened->open(until, reads_only);
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
std::shared_ptr<pipeline> pool_core::idlest() const {
  std::shared_ptr<pipeline> best;
  for (const auto& one : slots) {
    if (one && one->is_open() && (!best || one->in_flight() < best->in_flight())) {
      best = one;
    }
  }
  return best;
}

task<void> pool_core::wait_for_connection(deadline until) {
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

bool pool_core::may_repeat(const answer& last, pipeline& on, repeat again) const {
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

// They are enqueued in their order, before the pipeline's next flush.
task<void> pool_core::run(std::span<order> orders, deadline until, repeat again) {
  for (int tried = 0;; ++tried) {
    auto chosen = idlest();
    if (!chosen) {
      MERIDIAN_CO_CHECK(co_await wait_for_connection(until));
      chosen = idlest();
    }
    std::vector<task<void>> sendings;
    for (auto& one : orders.subspan(1)) {
      one.got = answer();
      sendings.push_back(carry(chosen, one, until));
    }
    orders[0].got = answer();
    if (sendings.empty()) {
      co_await chosen->run(*orders[0].what, *orders[0].with, until, orders[0].got);
    } else {
      sendings.insert(sendings.begin(), carry(chosen, orders[0], until));
      MERIDIAN_CO_CHECK(co_await all(std::move(sendings)));
    }
    const auto* failed = first_failure(orders);
    if (failed == nullptr) {
      co_return result<void>();
    }
    counts.failures += failed->failure->code == errc::timed_out ? 1 : 0;
    if (tried == retries_max || is_closed || until.passed() || !may_repeat(*failed, *chosen, again)) {
      co_return *failed->failure;
    }
    ++counts.retries;
    MERIDIAN_CO_CHECK(co_await pause(jittered(retry_pause_min * (1 << tried))));
  }
}

void pool_core::close(const error& why) {
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

result<void> pool_core::admit() {
  if (is_stopping) {
    return error{errc::unavailable, "the service is stopping", ""};
  }
  if (counts.in_flight >= settings.in_flight_max) {
    return error{errc::overloaded, "too many statements wait for the database", ""};
  }
  if (!is_started) {
    start();
  }
  return {};
}

pool_state pool_core::observe() const {
  auto now = counts;
  now.statements = sent->statements;
  now.round_trips = sent->round_trips;
  now.connections_open =
      static_cast<std::size_t>(std::ranges::count_if(slots, [](const auto& one) { return one && one->is_open(); }));
  now.is_open = guard.is_open() && now.connections_open == 0;
  return now;
}

task<void> pool_core::stop(std::shared_ptr<pool_core> self, deadline until) {
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
