#include <algorithm>

#include <fmt/core.h>

#include <boost/json.hpp>

#include "cli/json_output.hpp"
#include "cli/overview.hpp"
#include "cli/serving.hpp"
#include "cli/session.hpp"
#include "cluster/agent.hpp"
#include "cluster/bus_servers.hpp"
#include "topology/door.hpp"

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

json::object describe(const serving_state& facts) {
  json::object out{
      {"name", facts.name},          {"region", facts.place->region}, {"url", url_of(*facts.place)},
      {"running", facts.is_running}, {"ready", facts.is_ready},       {"state", facts.state},
  };
  if (facts.pid > 0) {
    out["pid"] = facts.pid;
  }
  return out;
}

json::object describe(const cluster::bus_server_state& facts) {
  json::object out{
      {"name", facts.name},          {"region", facts.place->region},   {"url", cluster::url_of(*facts.place)},
      {"running", facts.is_running}, {"answering", facts.is_answering},
  };
  if (facts.pid > 0) {
    out["pid"] = facts.pid;
  }
  return out;
}

void print_json(
    const session& local, const cluster::cluster_state& now, const std::vector<serving_state>& serving,
    const std::vector<cluster::bus_server_state>& bus
) {
  json::array nodes;
  for (const auto& facts : now.nodes) {
    nodes.push_back(describe(facts));
  }
  json::array links;
  for (const auto& link : now.links) {
    links.push_back(describe_link(link));
  }
  json::array services;
  for (const auto& facts : serving) {
    services.push_back(describe(facts));
  }
  json::array servers;
  for (const auto& facts : bus) {
    servers.push_back(describe(facts));
  }
  const json::object out{
      {"topology", local.world.name},
      {"state_directory", local.kept.root().string()},
      {"agent_running", cluster::agent_of(local.kept).is_running()},
      {"nodes", std::move(nodes)},
      {"links", std::move(links)},
      {"services", std::move(services)},
      {"bus", std::move(servers)},
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
  const auto serving = observe_serving(**local);
  const auto bus = cluster::observe_bus((*local)->world, (*local)->kept);
  if (json) {
    print_json(**local, *now, serving, bus);
  } else {
    const bool has_agent = cluster::agent_of((*local)->kept).is_running();
    fmt::print("{}{}{}", overview_of((*local)->world, *now), overview_of(serving), overview_of(bus));
    fmt::print("\nagent: {}\n", has_agent ? "running" : "DOWN (meridian up starts it)");
  }
  const bool complete = std::ranges::all_of(now->nodes, &cluster::node_state::reachable) &&
                        std::ranges::all_of(serving, &serving_state::is_ready) &&
                        std::ranges::all_of(bus, &cluster::bus_server_state::is_answering);
  return complete ? exit_done : exit_failed;
}

}  // namespace meridian::cli
