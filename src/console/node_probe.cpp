#include "console/node_probe.hpp"

#include <algorithm>

#include "console/queries.hpp"

namespace meridian::console {
namespace {

// The columns of observe_node.
enum column { is_replica, position, replay_age, is_paused, slot_name, slot_is_active, slot_behind };

void read(const pg::rows& answered, node_view& seen) {
  const auto first = answered[0];
  seen.is_replica = first.boolean(is_replica);
  seen.position = first.is_null(position) ? 0 : first.number<std::int64_t>(position);
  if (!first.is_null(replay_age)) {
    seen.replay_age_s = std::max(0.0, first.real(replay_age));
  }
  seen.is_paused = first.boolean(is_paused);
  for (const auto row : answered) {
    if (row.is_null(slot_name)) {
      continue;
    }
    slot_view slot{std::string(row.text(slot_name)), row.boolean(slot_is_active), {}};
    if (!row.is_null(slot_behind)) {
      slot.behind_bytes = row.number<std::int64_t>(slot_behind);
    }
    seen.slots.push_back(std::move(slot));
  }
}

}  // namespace

node_probe::node_probe(const topology::deployment& part, const topology::node& node, const pg::endpoint& sign_in)
    : part_(part), node_(node), where_(sign_in) {
  where_.host = node.address;
  where_.port = node.sql_port;
}

task<void> node_probe::look(bool with_tables, node_view& seen, std::vector<table_view>& tables, deadline until) {
  seen.part = &part_;
  seen.node = &node_;
  const auto asked = co_await ask(seen, until);
  seen.is_reachable = asked.has_value();
  if (!asked) {
    seen.problem = asked.error().message;
    connection_.reset();
    co_return result<void>();
  }
  if (with_tables) {
    co_await count(tables, until);  // without the schema there is nothing to count
  }
  co_return result<void>();
}

task<void> node_probe::ask(node_view& seen, deadline until) {
  if (!connection_ || !connection_->is_open()) {
    auto where = where_;
    MERIDIAN_CO_TRY(auto opened, co_await pg::connection::open(std::move(where), until));
    connection_.emplace(std::move(opened));
  }
  const auto begun = deadline::clock::now();
  std::string question(queries::observe_node.text);
  MERIDIAN_CO_TRY(const auto answered, co_await connection_->query(std::move(question), until));
  seen.round_trip = std::chrono::duration_cast<std::chrono::microseconds>(deadline::clock::now() - begun);
  read(answered, seen);
  co_return result<void>();
}

task<void> node_probe::count(std::vector<table_view>& tables, deadline until) {
  for (const auto& [service, query] :
       {std::pair("reminders", &queries::count_reminder), std::pair("status", &queries::count_status)}) {
    if (std::ranges::find(part_.services, service) == part_.services.end()) {
      continue;
    }
    std::string question(query->text);
    MERIDIAN_CO_TRY(const auto answered, co_await connection_->query(std::move(question), until));
    const auto row = answered[0];
    tables.push_back(table_of(
        std::string(row.text(0)), row.number<std::int64_t>(1), row.number<std::int64_t>(2), row.number<std::int64_t>(3)
    ));
    tables.back().node = &node_;
  }
  co_return result<void>();
}

}  // namespace meridian::console
