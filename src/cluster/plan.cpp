#include "cluster/plan.hpp"

#include <fmt/core.h>

#include "cluster/postgres/plan.hpp"
#include "cluster/yugabyte/plan.hpp"

namespace meridian::cluster {

result<std::vector<plan_step>> plan_of(const topology::topology& world) {
  if (world.engine == topology::engine_kind::postgres) {
    return postgres::plan_of(world);
  }
  MERIDIAN_TRY(const auto steps, yugabyte::steps_of(world));
  std::vector<plan_step> plan;
  plan.reserve(steps.size());
  for (const auto& step : steps) {
    plan.push_back(step.shown);
  }
  return plan;
}

std::string script_of(const plan_step& step) {
  return step.is_sql ? fmt::format("{} <<'SQL'\n{}\nSQL", step.client, step.command) : step.command;
}

std::string write_file_command(const std::string& path, const std::string& text) {
  return fmt::format("cat > {} <<'END'\n{}{}END", path, text, text.ends_with('\n') ? "" : "\n");
}

}  // namespace meridian::cluster
