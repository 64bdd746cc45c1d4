#include <algorithm>

#include <fmt/core.h>

#include <boost/json.hpp>

#include "cli/json_output.hpp"
#include "cli/overview.hpp"
#include "cli/session.hpp"
#include "cluster/agent_process.hpp"

namespace meridian::cli {
namespace {

namespace json = boost::json;

json::object describe(const cluster::node_state& facts) {
  json::object out{
      {"name", facts.node->name},
      {"address", facts.node->address},
      {"port", facts.node->sql_port},
      {"region", facts.node->region},
      {"place", to_string(facts.node->place)},
      {"wanted_role", to_string(facts.node->role)},
      {"reachable", facts.reachable},
  };
  if (facts.reachable) {
    out["role"] = facts.role;
    out["version"] = facts.version;
    out["bytes"] = facts.bytes;
  } else {
    out["problem"] = facts.problem;
  }
  return out;
}

void print_json(const session& local, const cluster::cluster_state& now) {
  json::array nodes;
  for (const auto& facts : now.nodes) {
    nodes.push_back(describe(facts));
  }
  json::array links;
  for (const auto& link : now.links) {
    links.push_back(describe_link(link));
  }
  const json::object out{
      {"topology", local.world.name},
      {"state_directory", local.kept.root().string()},
      {"agent_running", cluster::is_agent_running(local.kept)},
      {"nodes", std::move(nodes)},
      {"links", std::move(links)},
  };
  fmt::print("{}\n", json::serialize(out));
}

}  // namespace

int status(const topology_path& path, bool json) {
  const auto local = open_session(path);
  if (!local) {
    return fail(local.error());
  }
  const auto now = run((*local)->engine->observe());
  if (!now) {
    return fail(now.error());
  }
  if (json) {
    print_json(**local, *now);
  } else {
    fmt::print("{}", overview_of((*local)->world, *now));
    fmt::print("\nagent: {}\n", cluster::is_agent_running((*local)->kept) ? "running" : "DOWN (meridian up starts it)");
  }
  const bool complete = std::ranges::all_of(now->nodes, &cluster::node_state::reachable);
  return complete ? exit_done : exit_failed;
}

}  // namespace meridian::cli
