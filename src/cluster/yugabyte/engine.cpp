#include "cluster/yugabyte/engine.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/core.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cluster/yugabyte/universe.hpp"
#include "cluster/yugabyte/xcluster.hpp"
#include "runtime/file.hpp"
#include "runtime/process.hpp"

namespace meridian::cluster::yugabyte {
namespace {

using namespace std::chrono_literals;
using topology::deployment_kind;

constexpr auto step_duration_max =
    30min;  // an index build on a fresh universe waits for every node, one after the other
constexpr auto probe_duration_max = 15s;
constexpr auto observe_duration_max = 3s;

bool is_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string_view left = path == nullptr ? "" : path;
  while (!left.empty()) {
    const auto directory = left.substr(0, left.find(':'));
    left.remove_prefix(std::min(left.size(), directory.size() + 1));
    if (::access((std::filesystem::path(directory) / program).c_str(), X_OK) == 0) {
      return true;
    }
  }
  return false;
}

result<void> check_programs() {
  for (const std::string program : {"yugabyted", "yb-admin", "ysqlsh"}) {
    if (!is_on_path(program)) {
      return error{
          errc::not_found, fmt::format("{} is not on PATH: this machine has no YugabyteDB", program),
          "Install YugabyteDB v2025.2 or later (https://docs.yugabyte.com/stable/reference/configuration/yugabyted/) "
          "and put its bin "
          "directory on PATH. Nothing was changed. To run the steps by hand instead: meridian plan"
      };
    }
  }
  return {};
}

result<void> check_environment() {
  for (const auto& [name, meaning] : needed_environment()) {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr || *value == '\0') {
      return error{
          errc::not_found, fmt::format("the environment variable {} is not set", name),
          fmt::format("Set it: {}. Nothing was changed.", meaning)
      };
    }
  }
  return {};
}

// Only an address of this machine can be bound to.
bool is_here(const std::string& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), nullptr, &hints, &found) != 0) {
    return false;
  }
  bool bound = false;
  for (const auto* each = found; each != nullptr && !bound; each = each->ai_next) {
    const int descriptor = ::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, 0);
    bound = descriptor >= 0 && ::bind(descriptor, each->ai_addr, each->ai_addrlen) == 0;
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
  ::freeaddrinfo(found);
  return bound;
}

// A file, because what a shell takes as an argument is limited to 128 KiB and seen by every user of the machine.
class script_file {
 public:
  static result<script_file> write(const std::string& text) {
    std::string path = (std::filesystem::temp_directory_path() / "meridian-step.XXXXXX").string();
    const int descriptor = ::mkstemp(path.data());
    if (descriptor < 0) {
      return error{errc::internal, "can't write " + path, ""};
    }
    ::close(descriptor);
    script_file made(path);
    MERIDIAN_CHECK(write_file(path, text, mode_private));
    return made;
  }

  script_file(script_file&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  script_file& operator=(script_file&&) = delete;
  ~script_file() {
    if (!path_.empty()) {
      ::unlink(path_.c_str());
    }
  }

  const std::string& path() const { return path_; }

 private:
  explicit script_file(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

task<std::string> run_script(const std::string& text, deadline until) {
  MERIDIAN_CO_TRY(const auto file, script_file::write(environment_script() + "\n" + text + "\n"));
  command shell{{"/bin/sh", "-eu", file.path()}, {}};
  co_return co_await run_checked(std::move(shell), until);
}

task<bool> is_done(const step& wanted) {
  if (wanted.done.empty()) {
    co_return false;
  }
  const auto answer = co_await run_script(wanted.done, deadline::in(probe_duration_max));
  co_return answer.has_value();
}

// Whether the step is for that deployment, or for all; "" means any.
bool belongs(const step& wanted, const std::string& part) {
  return part.empty() || wanted.shown.part.empty() || wanted.shown.part == part;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

task<std::unique_ptr<yugabyte_engine>> yugabyte_engine::make(const topology::topology& world, std::string only) {
  MERIDIAN_CO_CHECK(check_programs());
  MERIDIAN_CO_CHECK(check_environment());
  MERIDIAN_CO_TRY(auto steps, steps_of(world));
  co_return std::unique_ptr<yugabyte_engine>(new yugabyte_engine(world, std::move(steps), std::move(only)));
}

// Names every step from there on that is for another machine and not done, so that one round over the hosts is enough.
// Every step from there on that is for another machine and not done, so that one round over the hosts is enough.
task<std::string> yugabyte_engine::list_elsewhere(std::size_t index) {
  std::string list;
  for (auto i = index; i < steps_.size(); ++i) {
    const auto& step = steps_[i];
    if (step.host == nullptr || is_here(step.host->address) || !belongs(step, only_)) {
      continue;
    }
    MERIDIAN_CO_TRY(const bool done, co_await is_done(step));
    if (!done) {
      list += fmt::format("\n    {:3}. {}: {}", i + 1, step.shown.where, step.shown.what);
    }
  }
  co_return list;
}

task<void> yugabyte_engine::run_step(std::size_t index, progress& told) {
  const auto& step = steps_[index];
  told.step(fmt::format("{}. {}: {}", index + 1, step.shown.where, step.shown.what));
  MERIDIAN_CO_TRY(const bool done, co_await is_done(step));
  if (done) {
    told.note("done already");
    co_return result<void>();
  }
  if (step.host != nullptr && !is_here(step.host->address)) {
    MERIDIAN_CO_TRY(const auto list, co_await list_elsewhere(index));
    co_return error{
        errc::unavailable, fmt::format("step {} is for another machine: {}", index + 1, step.shown.where),
        "Run these steps of `meridian plan` on their hosts, in this order, then apply again:" + list
    };
  }
  const auto ran = co_await run_script(script_of(step.shown), deadline::in(step_duration_max));
  if (!ran) {
    co_return error{
        ran.error().code, fmt::format("step {}, {}: {}", index + 1, step.shown.what, ran.error().message),
        "`meridian plan` shows the step in full. Put it right and apply again: what is done is not done twice."
    };
  }
  co_return result<void>();
}

task<void> yugabyte_engine::run_steps(phase when, const std::string& part, progress& told) {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].when == when && belongs(steps_[i], part)) {
      MERIDIAN_CO_CHECK(co_await run_step(i, told));
    }
  }
  told.finish();
  co_return result<void>();
}

task<void> yugabyte_engine::provision(progress& told) {
  return run_steps(phase::provision, only_, told);
}

task<void> yugabyte_engine::apply_schema(const topology::deployment& part, progress& told) {
  return run_steps(phase::schema, part.name, told);
}

task<void> yugabyte_engine::replicate(const topology::deployment& part, progress& told) {
  return run_steps(phase::replication, part.name, told);
}

task<void> yugabyte_engine::stop(progress& told) {
  for (const auto& part : world_.deployments) {
    for (const auto& node : part.nodes) {
      const auto stop = "yugabyted stop --base_dir=" + base_directory(node);
      told.step("Stopping " + node.name);
      if (!is_here(node.address)) {
        told.note(fmt::format("runs elsewhere; on {}: {}", node.address, stop));
        continue;
      }
      MERIDIAN_CO_CHECK(co_await run_script(stop, deadline::in(step_duration_max)));
    }
  }
  told.finish();
  co_return result<void>();
}

namespace {

task<void> observe_node(const topology::node& node, node_state& facts) {
  facts.node = &node;
  const auto ask = fmt::format(
      "{} -AtF '|' -c \"SELECT version(), node_type FROM yb_servers() WHERE host = '{}'\"",
      sql_command(node, "yugabyte"), node.address
  );
  const auto answer = co_await run_script(ask, deadline::in(observe_duration_max));
  if (!answer) {
    facts.problem = answer.error().message;
    co_return result<void>();
  }
  const auto line = first_line(*answer);
  const auto bar = line.rfind('|');
  facts.reachable = true;
  facts.version = line.substr(0, bar);
  facts.role = bar != std::string::npos && line.substr(bar + 1) == "read_replica" ? "replica" : "primary";
  co_return result<void>();
}

task<void> observe_link(const universe& from, const universe& to, link_state& link) {
  link = {from.name + " to " + to.name, from.first().name, to.first().name, "xcluster", "", {}, {}, {}};
  const auto set_up = co_await run_script(replicates_command(from, to), deadline::in(observe_duration_max));
  if (!set_up) {
    link.state = set_up.error().code == errc::timed_out ? "unreachable" : "missing";
    co_return result<void>();
  }
  const auto healthy = co_await run_script(check_replication_command(to), deadline::in(observe_duration_max));
  link.state = healthy ? "replicating" : "down";
  co_return result<void>();
}

}  // namespace

task<cluster_state> yugabyte_engine::observe() {
  cluster_state found;
  std::vector<std::pair<universe, universe>> directions;
  std::size_t count = 0;
  for (const auto& part : world_.deployments) {
    count += part.nodes.size();
    MERIDIAN_CO_TRY(const auto places, universes_of(world_, part));
    if (part.kind == deployment_kind::bidirectional) {
      directions.emplace_back(places[0], places[1]);
      directions.emplace_back(places[1], places[0]);
    }
  }
  found.nodes.resize(count);
  found.links.resize(directions.size());
  std::vector<task<void>> work;
  for (std::size_t next = 0; const auto& part : world_.deployments) {
    for (const auto& node : part.nodes) {
      work.push_back(observe_node(node, found.nodes[next++]));
    }
  }
  for (std::size_t next = 0; const auto& [from, to] : directions) {
    work.push_back(observe_link(from, to, found.links[next++]));
  }
  MERIDIAN_CO_CHECK(co_await all(std::move(work)));
  co_return found;
}

}  // namespace meridian::cluster::yugabyte
