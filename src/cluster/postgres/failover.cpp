#include "cluster/postgres/failover.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include <fmt/core.h>

#include "base/log.hpp"
#include "base/suggest.hpp"
#include "cluster/postgres/standby.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::string_view room = "failover";
constexpr auto question_time_max = 2s;
constexpr auto peaceful_stop_max = 10s;  // with what replicas have to receive
constexpr auto hasty_stop_max = 2s;
constexpr auto promotion_time_max = 60s;
constexpr auto confirmation_time_max = 15s;
constexpr auto rewind_time_max = 120s;

std::chrono::milliseconds since(clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begun);
}

std::filesystem::path rejoin_mark(const instance& node) {
  return node.directory() / "rejoin";
}

const instance* find(const std::vector<instance>& nodes, const std::string& name) {
  const auto found = std::ranges::find_if(nodes, [&](const instance& one) { return one.node().name == name; });
  return found == nodes.end() ? nullptr : &*found;
}

task<void> look_at(instance node, candidate& seen) {
  const auto until = deadline::in(question_time_max);
  seen.node = node.node().name;
  auto connection = co_await node.connect(role_admin, "postgres", until);
  if (!connection) {
    co_return result<void>();
  }
  const auto rows = co_await connection->query(
      "SELECT (greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0')::bigint "
      " WHERE pg_is_in_recovery()",
      until
  );
  seen.is_reachable = rows && !rows->empty() && !(*rows)[0].is_null(0);
  seen.received = seen.is_reachable ? (*rows)[0].number<std::int64_t>(0) : 0;
  co_return result<void>();
}

task<std::vector<candidate>> look_at_replicas(std::vector<instance> nodes) {
  std::erase_if(nodes, [](const instance& one) { return one.node().role == topology::node_role::primary; });
  std::vector<candidate> found(nodes.size());
  std::vector<task<void>> looks;
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    looks.push_back(look_at(nodes[index], found[index]));
  }
  MERIDIAN_CO_CHECK(co_await all(std::move(looks)));
  co_return found;
}

// nullptr when none answers.
const candidate* freshest_of(const std::vector<candidate>& all) {
  const candidate* best = nullptr;
  for (const auto& one : all) {
    if (one.is_reachable && (best == nullptr || one.received > best->received)) {
      best = &one;
    }
  }
  return best;
}

result<const candidate*> choose(const std::vector<candidate>& all, const std::string& wanted) {
  const auto* best = freshest_of(all);
  if (best == nullptr) {
    return error{
        errc::unavailable, "no replica answers, so none can take over",
        "Start what is there first: meridian up. Its data is on the primary's disk."
    };
  }
  if (wanted.empty()) {
    return best;
  }
  const auto found = std::ranges::find(all, wanted, &candidate::node);
  if (found == all.end()) {
    std::vector<std::string> names;
    for (const auto& one : all) {
      names.push_back(one.node);
    }
    return error{
        errc::not_found, fmt::format("{} is no replica that could take over{}", wanted, did_you_mean(wanted, names)),
        "Leave --to out for the freshest one."
    };
  }
  if (!found->is_reachable) {
    return error{errc::unavailable, fmt::format("{} does not answer", wanted), "Leave --to out for the freshest one."};
  }
  return &*found;
}

task<bool> ends(command how, clock::duration longest) {
  const auto ended = co_await run_process(std::move(how), deadline::in(longest));
  co_return ended && ended->exit_code == 0;
}

command stop_command(const instance& node, std::string_view mode, std::chrono::seconds longest) {
  return {
      {node.program("pg_ctl"), "stop", "--silent", fmt::format("--mode={}", mode),
       fmt::format("--timeout={}", longest.count()), "-D", node.data_directory()},
      {}
  };
}

// The processes whose parent it is.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    std::ifstream facts(entry.path() / "stat");  // "PID (NAME) STATE PPID ..."
    std::string line;
    std::getline(facts, line);
    const auto name_end = line.rfind(") ");
    if (name_end == std::string::npos) {
      continue;
    }
    std::istringstream rest(line.substr(name_end + 2));
    std::string state;
    pid_t its_parent = 0;
    rest >> state >> its_parent;
    if (its_parent == parent) {
      found.push_back(static_cast<pid_t>(std::stol(line)));
    }
  }
  return found;
}

// In peace, so that the replicas have everything; in haste when it does not answer; by force when it is frozen.
task<void> halt(instance node) {
  if (!node.is_initialised()) {
    co_return result<void>();
  }
  MERIDIAN_CO_TRY(const auto listener, co_await node.probe());
  if (listener == instance::listener::this_node) {
    auto in_peace = stop_command(node, "fast", peaceful_stop_max);
    MERIDIAN_CO_TRY(const bool stopped, co_await ends(std::move(in_peace), peaceful_stop_max + 1s));
    if (stopped) {
      co_return result<void>();
    }
  }
  const auto server = node.server_pid();
  if (server == 0) {
    co_return result<void>();
  }
  auto in_haste = stop_command(node, "immediate", hasty_stop_max);
  MERIDIAN_CO_TRY(const bool stopped, co_await ends(std::move(in_haste), hasty_stop_max + 1s));
  if (stopped || !is_alive(server)) {
    co_return result<void>();
  }
  log::warning(room, "{} does not stop: killing it", node.node().name);
  const auto children = children_of(server);
  ::kill(server, SIGKILL);
  for (const auto child : children) {
    ::kill(child, SIGKILL);
  }
  const auto until = deadline::in(hasty_stop_max);
  while (is_alive(server)) {
    if (until.passed()) {
      co_return error{
          errc::timed_out, fmt::format("{} (process {}) does not end", node.node().name, server),
          fmt::format("End it, then try again: kill -KILL {}", server)
      };
    }
    MERIDIAN_CO_CHECK(co_await pause(20ms));
  }
  co_return result<void>();
}

// A write as the services make it. None when no replica confirms it.
task<bool> confirm_write(instance primary) {
  const auto until = deadline::in(confirmation_time_max);
  MERIDIAN_CO_TRY(auto service, co_await primary.connect(role_service, until));
  const auto written = co_await service.query("SELECT pg_logical_emit_message(true, 'meridian', 'failover')", until);
  if (!written && written.error().code != errc::timed_out) {
    co_return written.error();
  }
  co_return written.has_value();
}

}  // namespace

task<failover_plan> plan_failover(std::vector<instance> nodes, std::string deployment, std::string wanted) {
  failover_plan made;
  made.deployment = std::move(deployment);
  for (const auto& one : nodes) {
    if (one.node().role == topology::node_role::primary) {
      made.from = one.node().name;
    }
  }
  if (made.from == wanted) {
    co_return error{errc::conflict, fmt::format("{} is the primary already", wanted), ""};
  }
  const auto primary = *find(nodes, made.from);
  made.is_synchronous = primary.deployment().synchronous;
  MERIDIAN_CO_TRY(const auto listener, co_await primary.probe());
  made.is_primary_alive = listener == instance::listener::this_node;
  MERIDIAN_CO_TRY(made.candidates, co_await look_at_replicas(std::move(nodes)));
  MERIDIAN_CO_TRY(const auto* chosen, choose(made.candidates, wanted));
  made.to = chosen->node;
  made.is_wanted = !wanted.empty();
  made.missing = freshest_of(made.candidates)->received - chosen->received;
  co_return made;
}

task<failover_report> fail_over(
    std::vector<instance> nodes, failover_plan plan, std::function<result<void>(const std::string& node)> record
) {
  const auto begun = clock::now();
  failover_report report;
  report.plan = std::move(plan);
  MERIDIAN_CO_CHECK(co_await fence(*find(nodes, report.plan.from)));
  report.fenced_in = since(begun);
  // Now nothing is written any more: who has the most has everything that was acknowledged.
  MERIDIAN_CO_TRY(const auto settled, co_await look_at_replicas(nodes));
  MERIDIAN_CO_TRY(const auto* chosen, choose(settled, report.plan.is_wanted ? report.plan.to : ""));
  const auto missing = freshest_of(settled)->received - chosen->received;
  if (missing > 0) {
    co_return error{
        errc::conflict,
        fmt::format("{} lacks {} octets that {} has", chosen->node, missing, freshest_of(settled)->node),
        "Fail over to that one, or to the old primary: meridian up."
    };
  }
  report.plan.to = chosen->node;
  const auto primary = *find(nodes, report.plan.to);
  MERIDIAN_CO_CHECK(record(report.plan.to));
  MERIDIAN_CO_CHECK(co_await promote(primary));
  report.promoted_in = since(begun);
  for (const auto& other : nodes) {
    if (other.node().name != report.plan.to) {
      MERIDIAN_CO_CHECK(co_await reserve_slot(primary, other));
    }
  }
  MERIDIAN_CO_TRY(const bool confirmed, co_await confirm_write(primary));
  if (confirmed) {
    report.restored_in = since(begun);
  }
  co_return report;
}

task<void> fence(instance node) {
  MERIDIAN_CO_CHECK(co_await halt(node));
  if (!node.is_initialised()) {
    co_return result<void>();
  }
  MERIDIAN_CO_CHECK(write_file(rejoin_mark(node), "", mode_private));
  co_return node.make_standby();
}

result<void> unfence(const instance& node) {
  std::error_code failed;
  if (std::filesystem::exists(rejoin_mark(node), failed)) {
    std::filesystem::remove(node.data_directory() / "standby.signal", failed);
    std::filesystem::remove(rejoin_mark(node), failed);
  }
  return {};
}

task<void> promote(instance node) {
  const auto until = deadline::in(promotion_time_max);
  MERIDIAN_CO_TRY(auto connection, co_await node.connect(role_admin, "postgres", until));
  MERIDIAN_CO_TRY(
      const auto promoted,
      co_await connection.query("SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(true, 55) ELSE true END", until)
  );
  if (!promoted[0].boolean(0)) {
    co_return error{
        errc::timed_out, fmt::format("{} is not promoted yet", node.node().name),
        fmt::format("Its log tells why: meridian logs {}. meridian up tries again.", node.node().name)
    };
  }
  co_return result<void>();
}

// pg_rewind compares the timelines of the control files, and a promotion writes its own only with the next checkpoint.
task<void> rejoin(instance former, instance primary) {
  std::error_code ignored;
  if (!std::filesystem::exists(rejoin_mark(former), ignored)) {
    co_return result<void>();
  }
  MERIDIAN_CO_CHECK(co_await halt(former));
  MERIDIAN_CO_CHECK(former.forget_dead_server());
  MERIDIAN_CO_TRY(auto connection, co_await primary.connect(role_admin, "postgres", deadline::in(rewind_time_max)));
  MERIDIAN_CO_CHECK(co_await connection.query("CHECKPOINT", deadline::in(rewind_time_max)));
  // It first recovers a server that crashed, which a standby could not.
  std::filesystem::remove(former.data_directory() / "standby.signal", ignored);
  command rewind{
      {former.program("pg_rewind"), "--target-pgdata", former.data_directory(), "--source-server",
       primary.connection_string(role_admin)},
      {}
  };
  const auto rewound = co_await run_checked(std::move(rewind), deadline::in(rewind_time_max));
  if (rewound) {
    MERIDIAN_CO_CHECK(former.make_standby());
  } else {
    log::warning(room, "{} is cloned anew: {}", former.node().name, rewound.error().message);
    MERIDIAN_CO_CHECK(former.discard());
  }
  std::filesystem::remove(rejoin_mark(former), ignored);
  co_return result<void>();
}

}  // namespace meridian::cluster::postgres
