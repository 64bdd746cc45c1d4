#include <fmt/core.h>

#include <boost/json.hpp>

#include "cli/json_output.hpp"
#include "cli/overview.hpp"
#include "cli/session.hpp"
#include "cluster/agent.hpp"
#include "cluster/postgres/logical.hpp"
#include "cluster/postgres/standby.hpp"

namespace meridian::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using cluster::postgres::instance;
using topology::deployment_kind;

// Two nodes of one deployment that replicates, in the direction of the changes.
struct way {
  const topology::deployment* part;
  instance from;
  instance to;
};

result<way> resolve(const session& local, const direction& wanted) {
  MERIDIAN_TRY(const auto* from, local.node_named(wanted.from));
  MERIDIAN_TRY(const auto* to, local.node_named(wanted.to));
  for (const auto& part : local.world.deployments) {
    const auto has = [&](const topology::node* node) {
      return std::ranges::find(part.nodes, node->name, &topology::node::name) != part.nodes.end();
    };
    if (!has(from) || !has(to) || from == to) {
      continue;
    }
    if (part.kind == deployment_kind::geo_partitioned) {
      return error{
          errc::invalid_argument, fmt::format("{} does not replicate: each of its rows rests in one region", part.name),
          ""
      };
    }
    if (part.kind == deployment_kind::read_replicas && from->role != topology::node_role::primary) {
      return error{
          errc::invalid_argument, fmt::format("{} is a replica: changes flow from {}", from->name, part.primary().name),
          ""
      };
    }
    return way{&part, local.engine->instance_of(*from), local.engine->instance_of(*to)};
  }
  return error{
      errc::invalid_argument, fmt::format("{} and {} are not two nodes of one deployment", wanted.from, wanted.to),
      "meridian replication show lists what replicates."
  };
}

std::string conflicts_of(const cluster::link_state& link) {
  return link.conflicts ? std::to_string(*link.conflicts) : "-";
}

using change = task<void> (*)(const way&);

int change_replication(const topology_path& path, const direction& wanted, std::string_view done, change make) {
  const auto local = open_session(path);
  if (!local) {
    return fail(local.error());
  }
  const auto lock = (*local)->kept.lock();
  if (!lock) {
    return fail(lock.error());
  }
  const auto chosen = resolve(**local, wanted);
  if (!chosen) {
    return fail(chosen.error());
  }
  const auto outcome = run(make(*chosen));
  if (outcome) {
    fmt::print("Replication from {} to {} {}.\n", chosen->from.node().name, chosen->to.node().name, done);
  }
  return exit_code_of(outcome);
}

bool is_streaming(const way& chosen) {
  return chosen.part->kind == deployment_kind::read_replicas;
}

result<json::array> describe_clusters(const session& local) {
  json::array clusters;
  for (const auto& part : local.world.deployments) {
    const bool both_ways = part.kind == deployment_kind::bidirectional;
    for (const auto& node : part.nodes) {
      if (!both_ways && &node != &part.nodes.front()) {
        continue;
      }
      MERIDIAN_TRY(const auto universe, local.kept.universe_id(both_ways ? node.name : part.name));
      json::array tables;
      if (both_ways) {
        MERIDIAN_TRY(const auto found, run(cluster::postgres::list_tables(local.engine->instance_of(node))));
        for (const auto& table : found) {
          tables.push_back(json::object{{"id", table.id}, {"name", table.name}, {"published", table.is_published}});
        }
      }
      clusters.push_back(json::object{
          {"universe_id", universe},
          {"deployment", part.name},
          {"node", node.name},
          {"replicates_tables", both_ways},
          {"tables", std::move(tables)}
      });
    }
  }
  return clusters;
}

std::string table_of_clusters(const json::array& clusters) {
  std::vector<std::vector<std::string>> rows{{"UNIVERSE ID", "DEPLOYMENT", "NODE", "TABLE ID", "TABLE"}};
  const auto text = [](const json::value& value) { return std::string(value.as_string()); };
  for (const auto& one : clusters) {
    std::vector<std::string> head{text(one.at("universe_id")), text(one.at("deployment")), text(one.at("node"))};
    const auto& tables = one.at("tables").as_array();
    if (tables.empty()) {
      head.insert(head.end(), {"-", one.at("replicates_tables").as_bool() ? "no tables yet" : "-"});
      rows.push_back(head);
    }
    for (const auto& table : tables) {
      auto row = head;
      row.insert(row.end(), {text(table.at("id")), text(table.at("name"))});
      rows.push_back(row);
    }
  }
  return table_of(rows);
}

}  // namespace

int replication_list(const topology_path& path, bool json) {
  const auto local = open_session(path);
  if (!local) {
    return fail(local.error());
  }
  const auto clusters = describe_clusters(**local);
  if (!clusters) {
    return fail(clusters.error());
  }
  fmt::print("{}", json ? json::serialize(*clusters) + "\n" : table_of_clusters(*clusters));
  return exit_done;
}

int replication_show(const topology_path& path, bool json) {
  const auto local = open_session(path);
  if (!local) {
    return fail(local.error());
  }
  const auto now = run((*local)->engine->observe());
  if (!now) {
    return fail(now.error());
  }
  json::array links;
  std::vector<std::vector<std::string>> rows{{"FROM", "TO", "KIND", "STATE", "LAG", "CONFLICTS (1 DAY)"}};
  for (const auto& link : now->links) {
    links.push_back(describe_link(link));
    rows.push_back({link.from, link.to, link.kind, link.state, lag_of(link), conflicts_of(link)});
  }
  fmt::print("{}", json ? json::serialize(links) + "\n" : table_of(rows));
  return exit_done;
}

int replication_setup(const topology_path& path, const direction& way_wanted) {
  return change_replication(path, way_wanted, "is set up", [](const way& chosen) -> task<void> {
    return is_streaming(chosen) ? cluster::postgres::resume_standby(chosen.to)
                                : cluster::postgres::subscribe(chosen.from, chosen.to);
  });
}

int replication_pause(const topology_path& path, const direction& way_wanted) {
  return change_replication(path, way_wanted, "is paused", [](const way& chosen) -> task<void> {
    return is_streaming(chosen) ? cluster::postgres::pause_standby(chosen.to)
                                : cluster::postgres::pause_subscription(chosen.from, chosen.to);
  });
}

int replication_resume(const topology_path& path, const direction& way_wanted) {
  return change_replication(path, way_wanted, "goes on", [](const way& chosen) -> task<void> {
    return is_streaming(chosen) ? cluster::postgres::resume_standby(chosen.to)
                                : cluster::postgres::resume_subscription(chosen.from, chosen.to);
  });
}

int replication_repair(const topology_path& path, const direction& way_wanted) {
  return change_replication(path, way_wanted, "is repaired", [](const way& chosen) -> task<void> {
    return is_streaming(chosen) ? cluster::postgres::repair_standby(chosen.from, chosen.to)
                                : cluster::postgres::repair_subscription(chosen.from, chosen.to);
  });
}

int replication_watch(const topology_path& path) {
  const auto local = open_session(path);
  if (!local) {
    return fail(local.error());
  }
  fmt::print("Watching replication; Ctrl-C ends.\n");
  const auto watch = [](session& watched) -> task<void> {
    while (true) {
      co_await cluster::revive_subscriptions(watched.world, *watched.engine);
      MERIDIAN_CO_CHECK(co_await pause(1s));
    }
  };
  return exit_code_of(run(watch(**local)));
}

}  // namespace meridian::cli
