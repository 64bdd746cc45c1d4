#include <cerrno>
#include <cstring>

#include <fmt/core.h>
#include <unistd.h>

#include "cli/session.hpp"

namespace meridian::cli {
namespace {

result<void> become_tail(const session& local, const logs_options& options) {
  auto file = local.kept.root() / "agent.log";
  if (options.node != "agent") {
    MERIDIAN_TRY(const auto* node, local.node_named(options.node));
    file = local.kept.log_file(*node);
  }
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
