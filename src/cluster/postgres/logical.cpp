#include "cluster/postgres/logical.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include "pg/quote.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto change_duration_max = 30s;
constexpr auto observe_duration_max = 2s;

std::string node_name(const instance& node) {
  auto name = node.node().name;
  std::ranges::replace(name, '-', '_');
  return name;
}

constexpr std::string_view publish_frame = R"(
CREATE EXTENSION IF NOT EXISTS pglogical;
SELECT pglogical.create_node({0}, {1}) WHERE NOT EXISTS (SELECT FROM pglogical.local_node);
-- Deletes and truncations don't travel: a status is never deleted, and a delete would beat every later write.
SELECT pglogical.create_replication_set('meridian', true, true, false, false)
 WHERE NOT EXISTS (SELECT FROM pglogical.replication_set WHERE set_name = 'meridian');
SELECT pglogical.replication_set_add_table('meridian', c.oid)
  FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
 WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT FROM pglogical.replication_set_table t WHERE t.set_reloid = c.oid);
)";

constexpr std::string_view list_query = R"(
SELECT lpad(to_hex(d.oid::bigint), 8, '0') || '0000300080000000' || lpad(to_hex(c.oid::bigint), 8, '0'), c.relname,
       c.oid = ANY (coalesce((SELECT array_agg(set_reloid::oid) FROM pglogical.replication_set_table), '{}'))
  FROM pg_class c
  JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
  JOIN pg_database d ON d.datname = current_database()
 WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
 ORDER BY c.relname
)";

// A subscription whose provider has moved to another address is made anew.
constexpr std::string_view subscribe_frame = R"(
SELECT pglogical.drop_subscription(s.sub_name)
  FROM pglogical.subscription s JOIN pglogical.node_interface i ON i.if_id = s.sub_origin_if
 WHERE s.sub_name = {0} AND i.if_dsn <> {1};
SELECT pglogical.create_subscription(subscription_name := {0}, provider_dsn := {1},
                                     replication_sets := '{{meridian}}',
                                     synchronize_structure := false, synchronize_data := false,
                                     forward_origins := '{{}}')
 WHERE NOT EXISTS (SELECT FROM pglogical.subscription WHERE sub_name = {0});
)";

// pglogical's own words for a subscription, or "missing".
task<std::string> subscription_status(pg::connection& at, const std::string& name) {
  const std::vector<pg::parameter> parameters{name};
  MERIDIAN_CO_TRY(
      const auto exists,
      co_await at.query("SELECT to_regclass('pglogical.subscription') IS NOT NULL", deadline::in(observe_duration_max))
  );
  if (!exists[0].boolean(0)) {
    co_return "missing";
  }
  MERIDIAN_CO_TRY(
      const auto rows,
      co_await at.query(
          "SELECT p.status FROM pglogical.subscription s, pglogical.show_subscription_status(s.sub_name) p "
          "WHERE s.sub_name = $1",
          parameters, deadline::in(observe_duration_max)
      )
  );
  co_return rows.empty() ? "missing" : std::string(rows[0].text(0));
}

// Of the last day; none while the node has not come to that step of its schema.
boost::asio::awaitable<std::optional<std::int64_t>> count_conflicts(pg::connection& at) {
  const auto rows = co_await at.query(
      "SELECT count(*) FROM meridian.status_conflict WHERE detected_at > now() - interval '1 day'",
      deadline::in(observe_duration_max)
  );
  co_return rows ? std::optional((*rows)[0].number<std::int64_t>(0)) : std::nullopt;
}

task<void> set_enabled(instance from, instance to, bool enabled) {
  const auto until = deadline::in(change_duration_max);
  const auto name = subscription_name(from);
  MERIDIAN_CO_TRY(auto target, co_await to.connect(role_admin, until));
  MERIDIAN_CO_TRY(const auto status, co_await subscription_status(target, name));
  if (status == "missing") {
    co_return error{
        errc::not_found, fmt::format("there is no replication from {} to {}", from.node().name, to.node().name),
        fmt::format("Set it up: meridian replication setup --from {} --to {}", from.node().name, to.node().name)
    };
  }
  std::vector<pg::parameter> parameters{name};
  const auto statement =
      fmt::format("SELECT pglogical.alter_subscription_{}($1, true)", enabled ? "enable" : "disable");
  MERIDIAN_CO_CHECK(co_await target.query(statement, std::move(parameters), until));
  co_return result<void>();
}

// Reads `from`'s rows in pages by key and lets `to` judge each version. Small enough to do at every set-up: a row a
// person.
task<void> merge_rows(instance from, instance to) {
  constexpr int page_rows = 1000;
  const auto until = deadline::in(600s);
  MERIDIAN_CO_TRY(auto source, co_await from.connect(role_admin, until));
  MERIDIAN_CO_TRY(auto target, co_await to.connect(role_admin, until));
  MERIDIAN_CO_CHECK(co_await target.run_script("SET session_replication_role = replica", until));
  std::string after = std::to_string(std::numeric_limits<std::int64_t>::min());
  while (true) {
    std::vector<pg::parameter> page_of{after, std::to_string(page_rows)};
    MERIDIAN_CO_TRY(
        const auto page,
        co_await source.query(
            "SELECT count(*), jsonb_agg(page)::text, max(profile_id) "
            "FROM (SELECT * FROM status WHERE profile_id > $1::bigint ORDER BY profile_id LIMIT $2::int) AS page",
            std::move(page_of), until
        )
    );
    if (page[0].number<int>(0) == 0) {
      co_return result<void>();
    }
    after = page[0].text(2);
    std::vector<pg::parameter> versions{std::string(page[0].text(1))};
    MERIDIAN_CO_CHECK(co_await target.query("SELECT meridian.merge_statuses($1::jsonb)", std::move(versions), until));
  }
}

}  // namespace

std::string subscription_name(const instance& from) {
  return "from_" + node_name(from);
}

std::string publish_script(const instance& node) {
  return fmt::format(
      publish_frame, pg::literal(node_name(node)), pg::literal(node.connection_string(role_replication))
  );
}

std::string subscribe_script(const instance& from) {
  return fmt::format(
      subscribe_frame, pg::literal(subscription_name(from)), pg::literal(from.connection_string(role_replication))
  );
}

task<void> publish(instance node) {
  const auto until = deadline::in(change_duration_max);
  MERIDIAN_CO_TRY(auto connection, co_await node.connect(role_admin, until));
  auto script = publish_script(node);
  co_return co_await connection.run_script(std::move(script), until);
}

task<std::vector<replicated_table>> list_tables(instance node) {
  const auto until = deadline::in(change_duration_max);
  MERIDIAN_CO_CHECK(co_await publish(node));
  MERIDIAN_CO_TRY(auto connection, co_await node.connect(role_admin, until));
  MERIDIAN_CO_TRY(const auto rows, co_await connection.query(std::string(list_query), until));
  std::vector<replicated_table> tables;
  for (const auto row : rows) {
    tables.push_back({std::string(row.text(0)), std::string(row.text(1)), row.boolean(2)});
  }
  co_return tables;
}

task<void> subscribe(instance from, instance to) {
  for (const auto& side : {from, to}) {
    MERIDIAN_CO_TRY(const auto tables, co_await list_tables(side));
    if (tables.empty()) {
      co_return error{
          errc::not_found, fmt::format("{} has no tables to replicate", side.node().name),
          "Load the schema first: meridian apply --deployment status"
      };
    }
  }
  const auto until = deadline::in(change_duration_max);
  MERIDIAN_CO_TRY(auto target, co_await to.connect(role_admin, until));
  auto script = subscribe_script(from);
  MERIDIAN_CO_CHECK(co_await target.run_script(std::move(script), until));
  // From here on every new change comes by itself, so the rows that were there before can't be overtaken by nothing.
  while (true) {
    MERIDIAN_CO_TRY(const auto status, co_await subscription_status(target, subscription_name(from)));
    if (status == "replicating") {
      break;
    }
    if (status == "disabled") {
      co_return result<void>();  // somebody paused it, and will want to resume it
    }
    if (until.passed()) {
      co_return error{
          errc::timed_out, fmt::format("replication from {} to {} does not start", from.node().name, to.node().name),
          fmt::format("The log tells why: meridian logs {}", to.node().name)
      };
    }
    MERIDIAN_CO_CHECK(co_await pause(50ms));
  }
  co_return co_await merge_rows(from, to);
}

task<void> pause_subscription(instance from, instance to) {
  return set_enabled(from, to, false);
}

task<void> resume_subscription(instance from, instance to) {
  return set_enabled(from, to, true);
}

namespace {

// After a cut that outlasted the WAL which the provider keeps, the subscription can't go on where it stopped; subscribe
// makes a new one, and merging the rows makes up for what is lost.
task<void> drop_when_lost(instance from, instance to) {
  const auto until = deadline::in(change_duration_max);
  MERIDIAN_CO_TRY(auto target, co_await to.connect(role_admin, until));
  MERIDIAN_CO_TRY(auto source, co_await from.connect(role_admin, until));
  std::vector<pg::parameter> name{subscription_name(from)};
  const auto find = "SELECT sub_slot_name FROM pglogical.subscription WHERE sub_name = $1";
  MERIDIAN_CO_TRY(const auto slot, co_await target.query(find, name, until));
  if (slot.empty()) {
    co_return result<void>();
  }
  std::vector<pg::parameter> slot_name{std::string(slot[0].text(0))};
  const auto look = "SELECT FROM pg_replication_slots WHERE slot_name = $1 AND wal_status <> 'lost'";
  MERIDIAN_CO_TRY(const auto good, co_await source.query(look, std::move(slot_name), until));
  if (good.empty()) {
    MERIDIAN_CO_CHECK(co_await target.query("SELECT pglogical.drop_subscription($1)", std::move(name), until));
  }
  co_return result<void>();
}

}  // namespace

task<void> repair_subscription(instance from, instance to) {
  MERIDIAN_CO_CHECK(co_await set_enabled(from, to, false));
  MERIDIAN_CO_CHECK(co_await set_enabled(from, to, true));
  MERIDIAN_CO_CHECK(co_await drop_when_lost(from, to));
  co_return co_await subscribe(from, to);
}

task<link_state> observe_subscription(instance from, instance to) {
  const auto until = deadline::in(observe_duration_max);
  const auto name = subscription_name(from);
  link_state link{name, from.node().name, to.node().name, "logical", "unreachable", {}, {}, {}};
  auto target = co_await to.connect(role_admin, until);
  if (!target) {
    co_return link;
  }
  if (auto status = co_await subscription_status(*target, name); status) {
    link.state = *status == "disabled" ? "paused" : *status;
  }
  link.conflicts = co_await count_conflicts(*target);
  auto source = co_await from.connect(role_admin, until);
  if (!source || link.state == "missing") {
    co_return link;
  }
  std::vector<pg::parameter> subscription{name};
  const auto slot = co_await target->query(
      "SELECT sub_slot_name FROM pglogical.subscription WHERE sub_name = $1", std::move(subscription), until
  );
  if (!slot || slot->empty()) {
    co_return link;
  }
  std::vector<pg::parameter> slot_name{std::string((*slot)[0].text(0))};
  const auto rows = co_await source->query(
      "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn)::bigint, "
      "       coalesce(extract(epoch FROM r.replay_lag), 0) "
      "FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = $1",
      std::move(slot_name), until
  );
  if (rows && !rows->empty()) {
    link.lag_bytes = (*rows)[0].number<std::int64_t>(0);
    link.lag_seconds = (*rows)[0].real(1);
  }
  co_return link;
}

task<bool> revive_subscription(instance from, instance to) {
  const auto until = deadline::in(observe_duration_max);
  const auto name = subscription_name(from);
  MERIDIAN_CO_TRY(auto target, co_await to.connect(role_admin, until));
  MERIDIAN_CO_TRY(const auto status, co_await subscription_status(target, name));
  if (status != "down") {
    co_return false;
  }
  MERIDIAN_CO_CHECK(co_await set_enabled(from, to, false));
  MERIDIAN_CO_CHECK(co_await set_enabled(from, to, true));
  co_return true;
}

}  // namespace meridian::cluster::postgres
