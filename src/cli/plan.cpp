#include "cluster/plan.hpp"

#include <algorithm>

#include <fmt/core.h>

#include <boost/json.hpp>

#include "cli/session.hpp"
#include "topology/topology_file.hpp"

namespace meridian::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t line_letters_max = 116;

void print_json(const std::vector<cluster::plan_step>& steps) {
  json::array out;
  for (const auto& step : steps) {
    json::object each{
        {"deployment", step.part},
        {"where", step.where},
        {"what", step.what},
        {"why", step.why},
        {"kind", step.is_sql ? "sql" : "shell"},
        {"command", step.command}
    };
    if (step.is_sql) {
      each["client"] = step.client;
    }
    out.push_back(std::move(each));
  }
  fmt::print("{}\n", json::serialize(out));
}

// As a comment, broken into lines.
std::string comment_of(std::string_view text) {
  std::string comment;
  while (!text.empty()) {
    auto end = text.size() <= line_letters_max ? text.size() : text.rfind(' ', line_letters_max);
    end = end == std::string_view::npos ? text.size() : end;
    comment += fmt::format("#   {}\n", text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return comment;
}

// A shell script that is read from top to bottom: first what there is to do, then each step with its reason.
void print_text(const topology::topology& world, const std::vector<cluster::plan_step>& steps) {
  fmt::print(
      "# Plan for the topology {} on {}: {} steps, in order.\n", world.name, to_string(world.engine), steps.size()
  );
  std::size_t width = 0;
  for (const auto& step : steps) {
    width = std::max(width, step.where.size());
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    fmt::print("#  {:3}. {:{}}  {}\n", i + 1, steps[i].where, width, steps[i].what);
  }
  std::string part;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& step = steps[i];
    if (!step.part.empty() && step.part != part) {
      part = step.part;
      fmt::print("\n\n# ===== deployment {} =====\n", part);
    }
    fmt::print("\n# {}. {}: {}\n{}{}\n", i + 1, step.where, step.what, comment_of(step.why), cluster::script_of(step));
  }
}

}  // namespace

int plan(const topology_path& path, plan_options options) {
  const auto world = topology::read_topology(path);
  if (!world) {
    return fail(world.error());
  }
  const auto steps = cluster::plan_of(*world);
  if (!steps) {
    return fail(steps.error());
  }
  if (options.json) {
    print_json(*steps);
  } else {
    print_text(*world, *steps);
  }
  return exit_done;
}

}  // namespace meridian::cli
