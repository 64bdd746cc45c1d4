#include "reminders/reminder_nodes.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "reminders/queries.hpp"

namespace meridian::reminders {

using namespace std::chrono_literals;

namespace {

constexpr auto catch_up_pause_min = 1ms;  // doubled each time
constexpr auto catch_up_pause_max = 32ms;
constexpr auto look_time_max = 1500ms;

pg::endpoint endpoint_of(const topology::node& node, pg::endpoint sign_in) {
  sign_in.host = node.address;
  sign_in.port = node.sql_port;
  return sign_in;
}

pg::pool_settings pool_settings_of(const node_settings& from, std::size_t connections) {
  pg::pool_settings made;
  made.connections = connections;
  made.in_flight_max = from.in_flight_max;
  made.connect_time_max = 1s;
  made.breaker_pause_max = 500ms;  // a new primary is to be found soon after a failover
  return made;
}

pg::pool_settings primary_settings(
    const topology::deployment& part, const pg::endpoint& sign_in, const node_settings& from, std::size_t connections
) {
  auto made = pool_settings_of(from, connections);
  for (const auto& node : part.nodes) {
    made.nodes.push_back(endpoint_of(node, sign_in));
  }
  // The one that took the writes when the topology was read is asked first.
  const auto first = std::ranges::find(part.nodes, topology::node_role::primary, &topology::node::role);
  if (first != part.nodes.end()) {
    std::swap(made.nodes.front(), made.nodes[static_cast<std::size_t>(first - part.nodes.begin())]);
  }
  return made;
}

std::unique_ptr<pg::ordered_pool> nearest_pool(
    const boost::asio::any_io_executor& lane, const topology::topology& world, const topology::deployment& part,
    const topology::region& here, const pg::endpoint& sign_in, const node_settings& from
) {
  if (world.engine != topology::engine_kind::postgres) {
    return nullptr;  // there is no log position to wait for: the leaders answer
  }
  auto made = pool_settings_of(from, 2);
  made.nodes.push_back(endpoint_of(world.closest_node(part, here.name), sign_in));
  return std::make_unique<pg::ordered_pool>(lane, std::move(made), pg::access::reads_only);
}

error of_primary(error why, const topology::deployment& part) {
  if (why.code == errc::unavailable || why.code == errc::timed_out || why.code == errc::wrong_region) {
    return {
        why.code == errc::timed_out ? errc::timed_out : errc::unavailable,
        "the primary of the reminders does not answer",
        fmt::format(
            "{}Try again in a moment, with the same Idempotency-Key.",
            part.synchronous ? "Nothing that was acknowledged is lost. " : ""
        )
    };
  }
  return why;
}

}  // namespace

reminder_nodes::reminder_nodes(
    const boost::asio::any_io_executor& lane, const topology::topology& world, const topology::deployment& part,
    const topology::region& here, const pg::endpoint& sign_in, const node_settings& settings
)
    : part_(part),
      settings_(settings),
      writes_(lane, primary_settings(part, sign_in, settings, 2)),
      reads_(lane, primary_settings(part, sign_in, settings, 1)),
      schedule_(lane, primary_settings(part, sign_in, settings, 1)),
      nearest_(nearest_pool(lane, world, part, here, sign_in, settings)) {
  seen_.emplace_back().name = "primary";
  if (nearest_) {
    seen_.emplace_back().name = "nearest";
  }
}

// The place is asked for behind the commit: a place from inside the statement would be before it.
task<written<pg::rows>> reminder_nodes::write_over(
    pg::ordered_pool& where, const pg::query& what, pg::arguments with, deadline until
) {
  pg::arguments none;
  const auto& statement = prepared(what);
  const auto& position = prepared(queries::position);
  auto done = co_await where.run_in_order(statement, std::move(with), position, std::move(none), until);
  if (!done) {
    co_return of_primary(std::move(done).error(), part_);
  }
  const auto behind = done->second.empty() ? 0 : done->second[0].get<std::int64_t>(1);
  co_return written<pg::rows>{std::move(done->first), behind};
}

task<written<pg::rows>> reminder_nodes::write(const pg::query& what, pg::arguments with, deadline until) {
  return write_over(writes_, what, std::move(with), until.sooner(settings_.primary_time_max));
}

task<written<pg::rows>> reminder_nodes::schedule(const pg::query& what, pg::arguments with, deadline until) {
  return write_over(schedule_, what, std::move(with), until);
}

// The place is asked for before: the read's own snapshot is then at least as new.
task<read_result<pg::rows>> reminder_nodes::ask(
    pg::ordered_pool& where, const pg::query& what, pg::arguments with, deadline until
) {
  pg::arguments none;
  const auto& position = prepared(queries::position);
  const auto& statement = prepared(what);
  MERIDIAN_CO_TRY(auto told, co_await where.run_in_order(position, std::move(none), statement, std::move(with), until));
  read_result<pg::rows> found{std::move(told.second), {}};
  if (!told.first.empty()) {
    const auto facts = told.first[0];
    found.from.node = facts.get<std::string>(0);
    found.from.position = facts.get<std::int64_t>(1);
    found.from.staleness = std::chrono::milliseconds(facts.get<std::int64_t>(2));
  }
  co_return found;
}

// None when it does not answer or does not come far enough in time.
task<std::optional<read_result<pg::rows>>> reminder_nodes::read_nearest(
    const pg::query& what, pg::arguments with, log_position least, deadline until
) {
  const auto patience = until.sooner(settings_.nearest_time_max);
  const auto end = deadline::in(settings_.catch_up_time_max);
  for (auto rest = catch_up_pause_min;; rest = std::min<std::chrono::milliseconds>(2 * rest, catch_up_pause_max)) {
    auto told = co_await ask(*nearest_, what, with, patience);
    if (!told) {
      co_return std::optional<read_result<pg::rows>>();
    }
    if (told->from.position >= least) {
      co_return std::optional(std::move(*told));
    }
    if (end.passed() || patience.passed()) {
      co_return std::optional<read_result<pg::rows>>();
    }
    MERIDIAN_CO_CHECK(co_await pause(rest));
  }
}

task<read_result<pg::rows>> reminder_nodes::read(
    const pg::query& what, pg::arguments with, log_position least, deadline until
) {
  std::optional<read_result<pg::rows>> near;
  if (nearest_) {
    MERIDIAN_CO_TRY(near, co_await read_nearest(what, with, least, until));
    if (near && near->from.staleness <= settings_.staleness_max) {
      co_return std::move(*near);
    }
  }
  auto told = co_await ask(reads_, what, std::move(with), until.sooner(settings_.primary_time_max));
  if (told) {
    co_return told;
  }
  if (near) {
    co_return std::move(*near);  // old, and it says so
  }
  co_return of_primary(std::move(told).error(), part_);
}

std::string reminder_nodes::region_of_node(const std::string& name) const {
  if (name.empty()) {
    return part_.primary().region;
  }
  const auto found = std::ranges::find(part_.nodes, name, &topology::node::name);
  return found == part_.nodes.end() ? "" : found->region;
}

// Always succeeds.
task<void> reminder_nodes::look_at(pg::ordered_pool& where, node_health& seen) {
  const auto begun = deadline::clock::now();
  pg::arguments none;
  const auto answer = co_await where.run(prepared(queries::position), std::move(none), deadline::in(look_time_max));
  seen.is_known = true;
  seen.is_reachable = answer.has_value();
  seen.answered_in = std::chrono::duration_cast<std::chrono::microseconds>(deadline::clock::now() - begun);
  co_return result<void>();
}

task<void> reminder_nodes::look() {
  std::vector<task<void>> looks;
  looks.push_back(look_at(reads_, seen_[0]));
  if (nearest_) {
    looks.push_back(look_at(*nearest_, seen_[1]));
  }
  co_return co_await all(std::move(looks));
}

std::vector<node_health> reminder_nodes::observe() const {
  auto now = seen_;
  now[0].pool = reads_.observe();
  if (nearest_) {
    now[1].pool = nearest_->observe();
  }
  return now;
}

task<void> reminder_nodes::stop(deadline until) {
  std::vector<task<void>> stops;
  for (auto* one : {&writes_, &reads_, &schedule_, nearest_.get()}) {
    if (one != nullptr) {
      stops.push_back(one->stop(until));
    }
  }
  co_return co_await all(std::move(stops));
}

const pg::statement& reminder_nodes::prepared(const pg::query& what) {
  const auto found = statements_.find(what.name.data());
  if (found != statements_.end()) {
    return found->second;
  }
  pg::statement made{std::string(what.name), std::string(what.text)};
  return statements_.emplace(what.name.data(), std::move(made)).first->second;
}

}  // namespace meridian::reminders
