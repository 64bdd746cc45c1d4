#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/core.h>
#include <unistd.h>

#include "cli/session.hpp"

namespace meridian::cli {
namespace {

result<void> become_psql(const session& local, const sql_options& options) {
  MERIDIAN_TRY(const auto* node, local.node_named(options.node));
  const auto port = std::to_string(node->sql_port);
  std::vector<std::string> arguments{
      "psql", "-h", node->address, "-p", port, "-U", options.role, "-d", std::string(cluster::database_name)
  };
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> pointers;
  for (auto& argument : arguments) {
    pointers.push_back(argument.data());
  }
  pointers.push_back(nullptr);
  ::setenv("PGPASSFILE", local.kept.password_file().c_str(), 1);
  ::setenv("PGCONNECT_TIMEOUT", "5", 0);
  ::execvp("psql", pointers.data());
  return error{
      errc::not_found, fmt::format("can't run psql: {}", std::strerror(errno)),
      "Install it: apt-get install postgresql-client-15"
  };
}

}  // namespace

int sql(const topology_path& path, const sql_options& options) {
  const auto local = open_session(path, purpose::look);
  return local ? exit_code_of(become_psql(**local, options)) : fail(local.error());
}

}  // namespace meridian::cli
