#include "lab/bench_stage.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cluster/state.hpp"
#include "lab/process_times.hpp"

namespace meridian::lab {
namespace {

using namespace std::chrono_literals;

// The clocks of server and database when the load begins and ends.
struct clocks {
  pid_t server = 0;
  pid_t postmaster = 0;
  double server_seconds = 0;
  double postgres_seconds = 0;

  static void begin(void* context) {
    auto& self = *static_cast<clocks*>(context);
    self.server_seconds = -cpu_seconds_of(self.server);
    self.postgres_seconds = -cpu_seconds_of_family(self.postmaster);
  }
  static void end(void* context) {
    auto& self = *static_cast<clocks*>(context);
    self.server_seconds += cpu_seconds_of(self.server);
    self.postgres_seconds += cpu_seconds_of_family(self.postmaster);
  }
};

}  // namespace

result<std::unique_ptr<bench_stage>> bench_stage::set_up(
    const topology::topology& like, const bench_options& options, const data_wish& wish
) {
  if (!options.region.empty() &&
      std::ranges::find(like.regions, options.region, &topology::region::name) == like.regions.end()) {
    return error{errc::not_found, "there is no region " + options.region, ""};
  }
  const auto& region = options.region.empty() ? like.regions.front() : like.region_named(options.region);
  std::unique_ptr<bench_stage> made(new bench_stage(region, options));
  made->told_.step("Starting a topology of its own");
  MERIDIAN_TRY(made->world_, throwaway_topology::up(like, region.name));
  MERIDIAN_TRY(made->owner_, made->world_->endpoint(std::string(cluster::role_admin)));
  MERIDIAN_TRY(made->service_, made->world_->endpoint(std::string(cluster::role_service)));
  MERIDIAN_CHECK(check_interruption());
  made->told_.step(fmt::format("{} people, {} channels, {} messages", wish.people, wish.channels, wish.messages));
  const auto country = std::ranges::find(like.countries, region.name, &topology::country::region);
  const auto heard = [&](std::int64_t count) {
    if (!options.quiet) {
      fmt::print(
          "    {} of {} messages\n", grouped(static_cast<double>(count)), grouped(static_cast<double>(wish.messages))
      );
      std::fflush(stdout);
    }
  };
  MERIDIAN_TRY(made->data_, prepare_data(made->owner_, region, country->name, wish, heard));
  made->told_.finish();
  return made;
}

result<void> bench_stage::serve(const std::vector<std::string>& options) {
  MERIDIAN_CHECK(check_interruption());
  std::vector<std::string> all{"--rate-limit", "0"};
  all.insert(all.end(), options.begin(), options.end());
  return world_->serve(all);
}

load_settings bench_stage::settings() const {
  load_settings settings;
  settings.doors = {{world_->shape().address, world_->shape().serve_port}};
  settings.clients = options_.clients;
  settings.duration = options_.duration;
  return settings;
}

result<measurement> bench_stage::run_http(const load_settings& settings, workload& work) {
  clocks spent{world_->server().pid(), world_->postmaster()};
  const load_marks marks{&clocks::begin, &clocks::end, &spent};
  MERIDIAN_TRY(const auto outcome, run_load(settings, work, interrupted_, marks));
  MERIDIAN_CHECK(check_interruption());
  if (outcome.failures > 0 || outcome.unanswered > 0) {
    return error{
        errc::internal,
        fmt::format(
            "{} requests failed and {} had no answer; the first: {}", outcome.failures, outcome.unanswered,
            outcome.first_failure.empty() ? "no answer in time" : outcome.first_failure
        ),
        ""
    };
  }
  measurement found;
  found.per_second = outcome.answers_per_second();
  found.latencies = outcome.latencies;
  found.count = static_cast<double>(outcome.answers);
  found.client_cpu_seconds = outcome.cpu_seconds;
  found.server_cpu_seconds = spent.server_seconds;
  found.postgres_cpu_seconds = spent.postgres_seconds;
  return found;
}

result<measurement> bench_stage::run_peer(
    const std::string& script, const std::vector<std::string>& definitions, double rate
) {
  pgbench_settings settings;
  settings.where = service_;
  settings.password_file = world_->password_file();
  settings.directory = world_->directory();
  settings.script = script;
  settings.definitions = definitions;
  settings.clients = options_.clients;
  settings.duration = options_.duration;
  settings.arrivals_per_second = rate;
  const auto before = cpu_seconds_of_family(world_->postmaster());
  auto outcome = run_pgbench(settings);
  MERIDIAN_CHECK(check_interruption());
  if (!outcome) {
    return outcome.error();
  }
  measurement found;
  found.per_second = outcome->transactions_per_second;
  found.latencies = outcome->latencies;
  found.count = static_cast<double>(outcome->latencies.count());
  found.client_cpu_seconds = outcome->cpu_seconds;
  found.postgres_cpu_seconds = cpu_seconds_of_family(world_->postmaster()) - before;
  return found;
}

result<void> bench_stage::tear_down() {
  told_.step("Erasing it");
  auto ended = world_->down();
  told_.finish();
  return ended;
}

}  // namespace meridian::lab
