#include <algorithm>
#include <cstdio>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/suggest.hpp"
#include "cli/serving.hpp"
#include "cli/session.hpp"
#include "cli/web_files.hpp"
#include "topology/door.hpp"
#include "topology/topology_file.hpp"

namespace meridian::cli {
namespace {

constexpr std::uint16_t port_default = 8080;

result<std::vector<serve::service>> services_named(
    const topology::topology& world, const std::vector<std::string>& names
) {
  std::vector<serve::service> chosen;
  std::vector<std::string> known;
  for (const auto each : serve::all_services) {
    known.emplace_back(to_string(each));
    if (names.empty() || std::ranges::find(names, to_string(each)) != names.end()) {
      chosen.push_back(each);
    }
  }
  for (const auto& name : names) {
    if (!serve::find_service(name)) {
      return error{
          errc::invalid_argument, fmt::format("there is no service {}{}", name, did_you_mean(name, known)),
          fmt::format("The services are {}.", fmt::join(known, ", "))
      };
    }
    if (world.find_deployment_of_service(name) == nullptr) {
      return error{
          errc::invalid_argument, fmt::format("{} has no deployment of the service {}", world.name, name),
          fmt::format("Give one services = [\"{}\"] in the topology file.", name)
      };
    }
  }
  return chosen;
}

result<serve::process_settings> settings_of(const topology::topology& world, const serve_options& options) {
  MERIDIAN_TRY(auto settings, serving_settings(world, options.region));
  MERIDIAN_TRY(settings.services, services_named(world, options.services));
  const auto place = std::ranges::find(world.serving, options.region, &topology::serving_place::region);
  settings.port = port_default;
  if (place != world.serving.end()) {
    settings.address = place->address;
    settings.port = place->port;
  }
  settings.address = options.listen.empty() ? settings.address : options.listen;
  settings.port = options.port < 0 ? settings.port : static_cast<std::uint16_t>(options.port);
  settings.lanes = options.lanes;
  settings.proxies = options.proxies;
  settings.registration_is_open =
      options.registration.empty() ? settings.registration_is_open : options.registration == "open";
  settings.requests_per_second = options.rate_limit;
  settings.remote_watch_interval =
      std::chrono::milliseconds(static_cast<std::int64_t>(options.watch_interval_s * 1000));
  settings.has_io_uring = !options.no_io_uring;
  settings.tail_cache_bytes_max = static_cast<std::size_t>(options.tail_cache_mb) << 20;
  settings.drain_delay = std::chrono::milliseconds(static_cast<std::int64_t>(options.drain_delay_s * 1000));
  return settings;
}

result<void> run_serve(const topology_path& path, const serve_options& options) {
  MERIDIAN_TRY(const auto world, topology::read_topology(path));
  MERIDIAN_TRY(auto settings, settings_of(world, options));
  MERIDIAN_TRY(settings.web, web_files_for(options));
  return serve::serve(world, settings, [&](const serve::serving& place) -> result<void> {
    const topology::serving_place door{settings.region, place.address, place.port};
    fmt::print("Serving {} on {}\n", settings.region, url_of(door));
    std::fflush(stdout);
    return {};
  });
}

}  // namespace

int serve(const topology_path& path, const serve_options& options) {
  return exit_code_of(run_serve(path, options));
}

}  // namespace meridian::cli
