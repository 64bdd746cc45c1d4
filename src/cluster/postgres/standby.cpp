#include "cluster/postgres/standby.hpp"

#include <fmt/core.h>

#include "pg/quote.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto change_duration_max = 10s;
constexpr auto observe_duration_max = 2s;

task<void> ask(instance node, std::string statement) {
  const auto until = deadline::in(change_duration_max);
  MERIDIAN_CO_TRY(auto connection, co_await node.connect(role_admin, "postgres", until));
  MERIDIAN_CO_CHECK(co_await connection.query(std::move(statement), until));
  co_return result<void>();
}

// What the standby says of itself: unreachable, paused, or neither.
task<std::string> replay_state(instance standby) {
  const auto until = deadline::in(observe_duration_max);
  auto connection = co_await standby.connect(role_admin, "postgres", until);
  if (!connection) {
    co_return "unreachable";
  }
  const auto rows = co_await connection->query(
      "SELECT pg_is_in_recovery(), pg_is_in_recovery() AND pg_get_wal_replay_pause_state() <> 'not paused'", until
  );
  if (!rows) {
    co_return "unreachable";
  }
  const auto answer = (*rows)[0];
  co_return !answer.boolean(0) ? "promoted" : answer.boolean(1) ? "paused" : "down";
}

}  // namespace

std::string reserve_slot_script(const instance& standby) {
  return fmt::format(
      "SELECT pg_create_physical_replication_slot({0}, true)\n"
      " WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {0});",
      pg::literal(standby.slot_name())
  );
}

task<void> reserve_slot(instance primary, const instance& standby) {
  return ask(std::move(primary), reserve_slot_script(standby));
}

namespace {

// Whether the primary has thrown away WAL that the standby still needs; its slot is then good for nothing.
task<bool> is_slot_lost(instance primary, instance standby) {
  const auto until = deadline::in(change_duration_max);
  MERIDIAN_CO_TRY(auto connection, co_await primary.connect(role_admin, "postgres", until));
  std::vector<pg::parameter> name{standby.slot_name()};
  MERIDIAN_CO_TRY(
      const auto lost,
      co_await connection.query(
          "SELECT FROM pg_replication_slots WHERE slot_name = $1 AND wal_status = 'lost'", std::move(name), until
      )
  );
  co_return !lost.empty();
}

}  // namespace

task<void> repair_standby(instance primary, instance standby) {
  MERIDIAN_CO_TRY(const bool lost, co_await is_slot_lost(primary, standby));
  if (lost) {
    // The slot goes last: until the old data is gone it is what tells that they are worthless.
    MERIDIAN_CO_CHECK(co_await standby.stop());
    MERIDIAN_CO_CHECK(standby.discard());
    auto drop = "SELECT pg_drop_replication_slot(" + pg::literal(standby.slot_name()) + ")";
    MERIDIAN_CO_CHECK(co_await ask(primary, std::move(drop)));
  }
  MERIDIAN_CO_CHECK(co_await reserve_slot(primary, standby));
  MERIDIAN_CO_CHECK(co_await standby.clone());
  MERIDIAN_CO_CHECK(co_await standby.start());
  co_return co_await resume_standby(standby);
}

task<std::vector<link_state>> observe_standbys(instance primary, std::vector<instance> standbys) {
  std::vector<link_state> links;
  auto connection = co_await primary.connect(role_admin, "postgres", deadline::in(observe_duration_max));
  for (const auto& standby : standbys) {
    link_state link{standby.node().name, primary.node().name, standby.node().name, "streaming", "", {}, {}, {}};
    MERIDIAN_CO_TRY(link.state, co_await replay_state(standby));
    if (connection) {
      // Its own deadline: a frozen standby before it must not make this one look down.
      const auto until = deadline::in(observe_duration_max);
      std::vector<pg::parameter> slot{standby.slot_name()};
      const auto rows = co_await connection->query(
          "SELECT r.state, pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)::bigint, "
          "       coalesce(extract(epoch FROM r.replay_lag), 0) "
          "FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = $1",
          std::move(slot), until
      );
      if (rows && !rows->empty() && !(*rows)[0].is_null(1)) {
        link.state = link.state == "down" ? std::string((*rows)[0].text(0)) : link.state;
        link.lag_bytes = (*rows)[0].number<std::int64_t>(1);
        link.lag_seconds = (*rows)[0].real(2);
      }
    }
    links.push_back(std::move(link));
  }
  co_return links;
}

task<void> pause_standby(instance standby) {
  return ask(std::move(standby), "SELECT pg_wal_replay_pause()");
}

task<void> resume_standby(instance standby) {
  return ask(std::move(standby), "SELECT pg_wal_replay_resume()");
}

}  // namespace meridian::cluster::postgres
