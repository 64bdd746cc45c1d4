#include <iostream>
#include <string>

#include <fmt/core.h>
#include <unistd.h>

#include "cli/serving.hpp"
#include "cli/session.hpp"
#include "cluster/agent.hpp"
#include "cluster/bus_servers.hpp"

namespace meridian::cli {
namespace {

bool agrees(const session& local) {
  if (::isatty(STDIN_FILENO) != 1) {
    return false;
  }
  fmt::print(
      "This erases all data of the topology {} in {}. Type its name to go on: ", local.world.name,
      local.kept.root().string()
  );
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == local.world.name;
}

result<void> take_down(session& local, down_options options) {
  if (options.erase && !options.yes && !agrees(local)) {
    return error{errc::cancelled, "nothing was stopped or erased", "Say --yes to erase without being asked."};
  }
  MERIDIAN_TRY(const auto lock, local.kept.lock());
  cluster::progress told;
  told.step("Stopping what serves");
  MERIDIAN_CHECK(stop_serving(local));
  if (!local.world.bus.empty()) {
    told.step("Stopping the bus");
    MERIDIAN_CHECK(run(cluster::stop_bus(local.world, local.kept)));
  }
  told.step("Stopping the agent");
  const auto agent = cluster::agent_of(local.kept);
  MERIDIAN_CHECK(run(agent.stop()));
  MERIDIAN_CHECK(run(local.engine->stop(told)));
  if (options.erase) {
    told.step("Erasing the data");
    MERIDIAN_CHECK(local.kept.erase());
  }
  told.finish();
  if (options.erase) {
    fmt::print("The topology {} is gone; `meridian up` makes a new one.\n", local.world.name);
  } else {
    fmt::print("Stopped. The data stays in {}; `meridian up` goes on with it.\n", local.kept.root().string());
  }
  return {};
}

}  // namespace

int down(const topology_path& path, down_options options) {
  auto local = open_session(path);
  if (!local && local.error().code == errc::not_found) {
    fmt::print("{}.\n", local.error().message);
    return exit_done;
  }
  return local ? exit_code_of(take_down(**local, options)) : fail(local.error());
}

}  // namespace meridian::cli
