#include <cerrno>
#include <cstring>

#include <fmt/core.h>
#include <unistd.h>

#include "cli/serving.hpp"
#include "cli/session.hpp"
#include "cluster/agent.hpp"
#include "cluster/bus_servers.hpp"

namespace meridian::cli {
namespace {

result<std::filesystem::path> log_file_of(const session& local, const std::string& name) {
  auto companions = companions_of(local);
  for (auto& server : cluster::bus_servers_of(local.world, local.kept)) {
    companions.push_back(std::move(server));
  }
  companions.push_back(cluster::agent_of(local.kept));
  for (const auto& one : companions) {
    if (one.name() == name) {
      return one.log_file();
    }
  }
  MERIDIAN_TRY(const auto* node, local.node_named(name));
  return local.kept.log_file(*node);
}

result<void> become_tail(const session& local, const logs_options& options) {
  MERIDIAN_TRY(const auto file, log_file_of(local, options.node));
  if (!std::filesystem::exists(file)) {
    return error{errc::not_found, fmt::format("{} has no log yet", options.node), "Start the topology: meridian up"};
  }
  const auto lines = std::to_string(options.lines);
  ::execlp(
      "tail", "tail", "-n", lines.c_str(), options.follow ? "-F" : "--", file.c_str(), static_cast<const char*>(nullptr)
  );
  return error{errc::not_found, fmt::format("can't run tail: {}", std::strerror(errno)), ""};
}

}  // namespace

int logs(const topology_path& path, const logs_options& options) {
  const auto local = open_session(path, purpose::look);
  return local ? exit_code_of(become_tail(**local, options)) : fail(local.error());
}

}  // namespace meridian::cli
