#include "lab/reminder_bench.hpp"

#include <fmt/format.h>

#include "cluster/progress.hpp"
#include "cluster/state.hpp"
#include "lab/interruption.hpp"
#include "lab/throwaway_topology.hpp"

namespace meridian::lab {
namespace {

using namespace std::chrono_literals;

constexpr auto statement_time_max = 60s;
constexpr auto round_time_max = 300s;
constexpr auto look_interval = 20ms;

// Until none is scheduled or held; the seconds since they were due, by the primary's clock.
task<double> delivered_in(pg::connection& primary) {
  const auto end = deadline::in(round_time_max);
  while (true) {
    MERIDIAN_CO_TRY(
        const auto rows, co_await primary.query(
                             "SELECT count(*) FILTER (WHERE state = 'scheduled' OR lease_until IS NOT NULL), "
                             "       extract(epoch FROM clock_timestamp() - min(notify_at)) FROM reminder",
                             deadline::in(statement_time_max)
                         )
    );
    if (rows[0].number<std::int64_t>(0) == 0) {
      co_return rows[0].real(1);
    }
    if (end.passed()) {
      co_return error{errc::timed_out, "the reminders are not delivered in time", ""};
    }
    MERIDIAN_CO_CHECK(check_interruption());
    MERIDIAN_CO_CHECK(co_await pause(look_interval));
  }
}

task<measurement> run_round(pg::endpoint where, std::int64_t count) {
  const auto until = deadline::in(statement_time_max);
  MERIDIAN_CO_TRY(auto primary, co_await pg::connection::open(std::move(where), until));
  MERIDIAN_CO_CHECK(co_await primary.query("DELETE FROM reminder", until));
  std::vector<pg::parameter> wanted{std::to_string(count)};
  MERIDIAN_CO_CHECK(co_await primary.query(
      "INSERT INTO reminder (profile_id, text, notify_at) "
      "SELECT n % 1000 + 1, 'number ' || n, now() + interval '4 seconds' FROM generate_series(1, $1::bigint) n",
      std::move(wanted), until
  ));
  MERIDIAN_CO_TRY(const auto seconds, co_await delivered_in(primary));
  MERIDIAN_CO_TRY(
      const auto rows,
      co_await primary.query(
          "SELECT (extract(epoch FROM due_at - notify_at) * 1000000)::bigint FROM reminder WHERE state = 'due'", until
      )
  );
  if (rows.size() != count) {
    co_return error{errc::internal, fmt::format("{} of {} reminders are due", rows.size(), count), ""};
  }
  measurement found;
  found.per_second = static_cast<double>(count) / seconds;
  found.count = static_cast<double>(count);
  for (const auto row : rows) {
    found.latencies.record(std::chrono::microseconds(row.number<std::int64_t>(0)));
  }
  co_return found;
}

}  // namespace

result<std::vector<comparison>> bench_reminders(const topology::topology& like, const reminder_bench_options& options) {
  catch_interruption();
  cluster::progress told(options.quiet);
  told.step("Starting a topology of its own");
  MERIDIAN_TRY(const auto world, throwaway_topology::up(like, like.regions.front().name, true));
  MERIDIAN_TRY(const auto owner, world->reminders_endpoint(std::string(cluster::role_admin)));
  MERIDIAN_CHECK(world->serve({"--lanes", "1"}));
  comparison one;
  one.name = fmt::format("{} reminders due at once, one process", grouped(static_cast<double>(options.count)));
  one.ours = "deliver";
  for (int round = 1; round <= options.rounds; ++round) {
    told.step(fmt::format("round {}", round));
    MERIDIAN_TRY(auto found, run(run_round(owner, options.count)));
    one.our_rounds.push_back(std::move(found));
  }
  told.step("Erasing it");
  MERIDIAN_CHECK(world->down());
  told.finish();
  return std::vector<comparison>{std::move(one)};
}

}  // namespace meridian::lab
