#include <fmt/core.h>

#include "cli/overview.hpp"
#include "cli/sample_people.hpp"
#include "cli/serving.hpp"
#include "cli/session.hpp"
#include "cluster/agent.hpp"
#include "cluster/bus_servers.hpp"

namespace meridian::cli {
namespace {

result<void> bring_up(session& local, cluster::up_options options) {
  MERIDIAN_TRY(const auto lock, local.kept.lock());
  cluster::progress told;
  fmt::print("Topology {} in {}\n", local.world.name, local.kept.root().string());
  MERIDIAN_CHECK(run(cluster::bring_up(local.world, *local.engine, options, told)));
  sample_people sample;
  if (!options.empty) {
    told.step("Sample people's accounts");
    MERIDIAN_TRY(sample, enroll_sample_people(local.world, local.kept));
  }
  told.step("Agent");
  MERIDIAN_CHECK(cluster::agent_of(local.kept).start([&](const auto& ready) {
    return cluster::run_agent(local.world, local.kept, *local.engine, ready);
  }));
  if (!local.world.bus.empty()) {
    told.step("Bus");
    MERIDIAN_CHECK(cluster::start_bus(local.world, local.kept));
  }
  if (!local.world.serving.empty()) {
    told.step("What serves");
    MERIDIAN_CHECK(start_serving(local));
  }
  told.finish();
  MERIDIAN_TRY(const auto found, run(local.engine->observe()));
  const auto serving = observe_serving(local);
  const auto bus = cluster::observe_bus(local.world, local.kept);
  fmt::print("\n{}{}{}\n", overview_of(local.world, found), overview_of(serving), overview_of(bus));
  fmt::print("{}", next_steps(local.world, options));
  fmt::print("{}", sign_in_hint(sample));
  fmt::print("\nUp in {:.1f} s.\n", told.seconds_total());
  return {};
}

}  // namespace

int up(const topology_path& path, cluster::up_options options) {
  auto local = open_session(path, purpose::create);
  return local ? exit_code_of(bring_up(**local, options)) : fail(local.error());
}

}  // namespace meridian::cli
