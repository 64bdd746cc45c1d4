#include "cluster/postgres/failover.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "cli/overview.hpp"
#include "cli/session.hpp"
#include "cluster/agent.hpp"

namespace meridian::cli {
namespace {

namespace json = boost::json;
using cluster::postgres::failover_plan;
using cluster::postgres::failover_report;
using cluster::postgres::instance;

json::object describe(const failover_plan& plan) {
  json::array candidates;
  for (const auto& one : plan.candidates) {
    candidates.push_back(
        json::object{{"node", one.node}, {"reachable", one.is_reachable}, {"received_bytes", one.received}}
    );
  }
  return {
      {"deployment", plan.deployment},
      {"from", plan.from},
      {"primary_answers", plan.is_primary_alive},
      {"to", plan.to},
      {"synchronous", plan.is_synchronous},
      {"missing", plan.missing},
      {"candidates", std::move(candidates)},
  };
}

json::object describe(const failover_report& report) {
  auto out = describe(report.plan);
  out["fenced_ms"] = report.fenced_in.count();
  out["promoted_ms"] = report.promoted_in.count();
  out["restored_ms"] = report.restored_in ? json::value(report.restored_in->count()) : json::value();
  return out;
}

std::string text_of(const failover_plan& plan) {
  std::vector<std::vector<std::string>> rows{{"NODE", "ROLE", "STATE", "LOG RECEIVED"}};
  rows.push_back({plan.from, "primary", plan.is_primary_alive ? "answers" : "DOWN", ""});
  for (const auto& one : plan.candidates) {
    const auto received = one.is_reachable ? fmt::format("{} octets", one.received) : std::string();
    rows.push_back(
        {one.node, one.node == plan.to ? "replica, takes over" : "replica", one.is_reachable ? "answers" : "DOWN",
         received}
    );
  }
  auto out = table_of(rows);
  if (!plan.is_synchronous && !plan.is_primary_alive) {
    out += fmt::format(
        "\n{} waited for no replica (synchronous = false): what it acknowledged just before it died may be lost.\n",
        plan.from
    );
  }
  return out;
}

std::string text_of(const failover_report& report) {
  const auto seconds = [](std::chrono::milliseconds time) { return static_cast<double>(time.count()) / 1000; };
  auto out = fmt::format(
      "\n{} takes no writes any more ({:.2f} s), {} does ({:.2f} s).\n", report.plan.from, seconds(report.fenced_in),
      report.plan.to, seconds(report.promoted_in)
  );
  if (report.restored_in) {
    out += fmt::format(
        "Restored in {:.2f} s: a write is {}.\n", seconds(*report.restored_in),
        report.plan.is_synchronous ? "on a replica too" : "acknowledged"
    );
  } else {
    out += "No replica confirms writes yet: they wait until one is back.\n";
  }
  return out + fmt::format("{} rejoins as a replica with the next: meridian up\n", report.plan.from);
}

// It answers with the roles that it read when it started.
result<void> restart_agent(const session& local) {
  const auto agent = cluster::agent_of(local.kept);
  if (!agent.is_running()) {
    return {};
  }
  MERIDIAN_CHECK(run(agent.stop()));
  return agent.start([&](const auto& ready) {
    return cluster::run_agent(local.world, local.kept, *local.engine, ready);
  });
}

result<const topology::deployment*> deployment_of(const topology::topology& world, const std::string& service) {
  const auto* part = world.find_deployment_of_service(service);
  if (part == nullptr) {
    return error{errc::not_found, fmt::format("no deployment of {} has {}", world.name, service), ""};
  }
  if (part->kind != topology::deployment_kind::read_replicas) {
    return error{
        errc::invalid_argument, fmt::format("the deployment {} has no primary that could change", part->name), ""
    };
  }
  return part;
}

std::vector<instance> nodes_of(const session& local, const topology::deployment& part) {
  std::vector<instance> nodes;
  for (const auto& node : part.nodes) {
    nodes.push_back(local.engine->instance_of(node));
  }
  return nodes;
}

result<void> fail_over(session& local, const failover_options& options) {
  MERIDIAN_TRY(const auto lock, local.kept.lock());
  MERIDIAN_TRY(const auto* part, deployment_of(local.world, options.service));
  std::string wanted;
  if (!options.to.empty()) {
    MERIDIAN_TRY(const auto* node, local.node_named(options.to));
    wanted = node->name;
  }
  const auto nodes = nodes_of(local, *part);
  MERIDIAN_TRY(const auto plan, run(cluster::postgres::plan_failover(nodes, part->name, wanted)));
  if (options.dry_run) {
    fmt::print("{}", options.json ? json::serialize(describe(plan)) + "\n" : text_of(plan));
    return {};
  }
  if (!options.json) {
    fmt::print("{}", text_of(plan));
  }
  const auto record = [&](const std::string& node) { return local.kept.keep_primary(part->name, node); };
  MERIDIAN_TRY(const auto report, run(cluster::postgres::fail_over(nodes, plan, record)));
  fmt::print("{}", options.json ? json::serialize(describe(report)) + "\n" : text_of(report));
  if (report.restored_in) {
    const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    MERIDIAN_CHECK(local.kept.keep_restore(part->name, {"failover", *report.restored_in, now}));
  }
  MERIDIAN_CHECK(cluster::follow_failovers(local.world, local.kept));
  return restart_agent(local);
}

}  // namespace

int failover(const topology_path& path, const failover_options& options) {
  auto local = open_session(path);
  return local ? exit_code_of(fail_over(**local, options)) : fail(local.error());
}

}  // namespace meridian::cli
