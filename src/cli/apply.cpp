#include <fmt/core.h>

#include "base/suggest.hpp"
#include "cli/session.hpp"
#include "cluster/yugabyte/engine.hpp"
#include "topology/topology_file.hpp"

namespace meridian::cli {
namespace {

result<std::vector<const topology::deployment*>> chosen_deployments(
    const topology::topology& world, const std::string& name
) {
  std::vector<const topology::deployment*> chosen;
  std::vector<std::string> names;
  for (const auto& part : world.deployments) {
    names.push_back(part.name);
    if (name.empty() || part.name == name) {
      chosen.push_back(&part);
    }
  }
  if (chosen.empty()) {
    return error{errc::not_found, fmt::format("there is no deployment {}{}", name, did_you_mean(name, names)), ""};
  }
  return chosen;
}

result<void> apply_schemas(const topology::topology& world, cluster::engine& engine, const apply_options& options) {
  MERIDIAN_TRY(const auto chosen, chosen_deployments(world, options.deployment));
  cluster::progress told;
  for (const auto* part : chosen) {
    MERIDIAN_CHECK(run(engine.apply_schema(*part, told)));
  }
  return {};
}

// All of the plan: the clusters too.
result<void> apply_plan(const topology::topology& world, const apply_options& options) {
  MERIDIAN_TRY(const auto chosen, chosen_deployments(world, options.deployment));
  MERIDIAN_TRY(const auto engine, run(cluster::yugabyte::yugabyte_engine::make(world, options.deployment)));
  cluster::progress told;
  MERIDIAN_CHECK(run(engine->provision(told)));
  for (const auto* part : chosen) {
    MERIDIAN_CHECK(run(engine->apply_schema(*part, told)));
    MERIDIAN_CHECK(run(engine->replicate(*part, told)));
  }
  return {};
}

}  // namespace

int apply(const topology_path& path, const apply_options& options) {
  const auto world = topology::read_topology(path);
  if (!world) {
    return fail(world.error());
  }
  if (world->engine == topology::engine_kind::yugabyte) {
    return exit_code_of(apply_plan(*world, options));
  }
  const auto local = open_session(path);
  if (!local) {
    return fail(local.error());
  }
  const auto lock = (*local)->kept.lock();
  return lock ? exit_code_of(apply_schemas((*local)->world, *(*local)->engine, options)) : fail(lock.error());
}

}  // namespace meridian::cli
