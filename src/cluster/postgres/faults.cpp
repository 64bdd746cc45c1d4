#include "cluster/postgres/faults.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>

#include <fmt/core.h>

#include "cluster/postgres/logical.hpp"
#include "cluster/postgres/standby.hpp"
#include "runtime/process.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;
using topology::deployment_kind;

const topology::deployment* deployment_of(const topology::topology& world, const topology::node& node) {
  const auto has = [&](const topology::deployment& part) {
    return std::ranges::find(part.nodes, node.name, &topology::node::name) != part.nodes.end();
  };
  const auto found = std::ranges::find_if(world.deployments, has);
  return found == world.deployments.end() ? nullptr : &*found;
}

// conflict when there is none.
result<void> signal_all(const state& kept, const topology::node& node, int signal) {
  const auto processes = processes_of(kept, node);
  if (processes.empty()) {
    return error{errc::conflict, fmt::format("the node {} does not run", node.name), ""};
  }
  for (const auto process : processes) {
    ::kill(process, signal);
  }
  return {};
}

result<deployment_kind> kind_of_link(
    const topology::topology& world, const topology::node& from, const topology::node& to
) {
  const auto* part = deployment_of(world, from);
  const bool is_one = part != nullptr && part == deployment_of(world, to) && from.name != to.name;
  if (!is_one || part->kind == deployment_kind::geo_partitioned) {
    return error{
        errc::invalid_argument, fmt::format("nothing replicates from {} to {}", from.name, to.name),
        "GET /v1/topology/health lists the links."
    };
  }
  return part->kind;
}

}  // namespace

std::vector<pid_t> processes_of(const state& kept, const topology::node& node) {
  std::error_code failed;
  const auto data = std::filesystem::canonical(kept.data_directory(node), failed);
  std::vector<pid_t> found;
  if (failed) {
    return found;
  }
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
    const auto name = entry.path().filename().string();
    pid_t process = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), process);
    if (wrong != std::errc() || end != name.data() + name.size()) {
      continue;
    }
    std::error_code unreadable;
    if (std::filesystem::read_symlink(entry.path() / "cwd", unreadable) == data && !unreadable) {
      found.push_back(process);
    }
  }
  return found;
}

task<void> kill_node(const state& kept, const topology::node& node, deadline until) {
  MERIDIAN_CO_CHECK(signal_all(kept, node, SIGKILL));
  // What was just being forked is found by a later round.
  while (signal_all(kept, node, SIGKILL)) {
    if (until.passed()) {
      co_return error{errc::timed_out, fmt::format("the processes of the node {} do not end", node.name), ""};
    }
    MERIDIAN_CO_CHECK(co_await pause(20ms));
  }
  co_return result<void>();
}

task<void> freeze_node(const state& kept, const topology::node& node) {
  co_return signal_all(kept, node, SIGSTOP);
}

task<void> thaw_node(const state& kept, const topology::node& node) {
  co_return signal_all(kept, node, SIGCONT);
}

task<void> start_node(const postgres_engine& engine, const topology::topology& world, const topology::node& node) {
  const auto* part = deployment_of(world, node);
  const auto one = engine.instance_of(node);
  if (part->kind == deployment_kind::read_replicas && node.role == topology::node_role::replica) {
    const auto primary = engine.instance_of(part->primary());
    co_return co_await repair_standby(primary, one);
  }
  co_return co_await one.start();
}

namespace {

// How a link of each kind is changed.
using standby_change = task<void> (*)(instance standby);
using subscription_change = task<void> (*)(instance from, instance to);

task<void> change_link(
    const postgres_engine& engine, const topology::topology& world, const topology::node& from,
    const topology::node& to, standby_change of_standby, subscription_change of_subscription
) {
  MERIDIAN_CO_TRY(const auto kind, kind_of_link(world, from, to));
  const auto source = engine.instance_of(from);
  const auto target = engine.instance_of(to);
  co_return co_await (kind == deployment_kind::read_replicas ? of_standby(target) : of_subscription(source, target));
}

}  // namespace

task<void> cut_link(
    const postgres_engine& engine, const topology::topology& world, const topology::node& from, const topology::node& to
) {
  return change_link(engine, world, from, to, pause_standby, pause_subscription);
}

task<void> heal_link(
    const postgres_engine& engine, const topology::topology& world, const topology::node& from, const topology::node& to
) {
  return change_link(engine, world, from, to, resume_standby, resume_subscription);
}

}  // namespace meridian::cluster::postgres
