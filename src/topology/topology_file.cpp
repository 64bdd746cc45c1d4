#include "topology/topology_file.hpp"

#include <cstdlib>

#include <unistd.h>

#include "runtime/file.hpp"
#include "topology/country_map.hpp"
#include "topology/topology_check.hpp"
#include "topology/topology_draft.hpp"

namespace meridian::topology {
namespace {

namespace fs = std::filesystem;

// Set but empty is unset, as the XDG specification has it.
std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read at start, before there are threads
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

surroundings surroundings_of_process() {
  return {
      .root = ::geteuid() == 0,
      .state_directory = environment_variable("MERIDIAN_STATE_DIR"),
      .xdg_state_home = environment_variable("XDG_STATE_HOME"),
      .home = environment_variable("HOME"),
      .working_directory = fs::current_path(),
  };
}

fs::path without_dots(const fs::path& path) {
  const auto normal = path.lexically_normal();
  return normal.has_filename() || !normal.has_relative_path() ? normal : normal.parent_path();
}

// MERIDIAN_STATE_DIR, else state_directory of the file, else where the system wants such things.
result<fs::path> state_directory_of(const topology_draft& draft, const fs::path& folder, const surroundings& around) {
  if (around.state_directory) {
    return without_dots(around.working_directory / *around.state_directory);
  }
  if (draft.state_directory) {
    return without_dots(around.working_directory / folder / *draft.state_directory);
  }
  if (around.root) {
    return fs::path("/var/lib/meridian") / draft.name;
  }
  // XDG has relative paths ignored.
  if (around.xdg_state_home && fs::path(*around.xdg_state_home).is_absolute()) {
    return without_dots(fs::path(*around.xdg_state_home) / "meridian" / draft.name);
  }
  if (around.home && fs::path(*around.home).is_absolute()) {
    return without_dots(fs::path(*around.home) / ".local/state/meridian" / draft.name);
  }
  return draft.keys.mistake(
      "state_directory", "no state_directory, and HOME is not set to find one",
      "set state_directory here or MERIDIAN_STATE_DIR in the environment"
  );
}

result<std::vector<country>> countries_of(
    const topology_draft& draft, const fs::path& path, const country_map_reader& read_country_map
) {
  const auto map_path = path.parent_path() / draft.country_map;
  const auto text = read_country_map(map_path);
  if (!text) {
    return draft.keys.mistake(
        "country_map", text.error().message, "country_map names the file that says which country rests where"
    );
  }
  MERIDIAN_TRY(auto map, parse_country_map(map_path.string(), *text));
  std::vector<country_claims> claims;
  claims.reserve(draft.regions.size());
  for (const auto& region : draft.regions) {
    claims.push_back({region.value.name, region.keys.line_of("name"), region.countries});
  }
  return place_countries(std::move(map), path.string(), claims);
}

}  // namespace

result<topology> parse_topology(
    const fs::path& path, std::string_view text, const country_map_reader& read_country_map, const surroundings& around
) {
  const auto file = path.string();
  MERIDIAN_TRY(const auto root, parse_toml(file, text));
  MERIDIAN_TRY(const auto draft, read_draft(file, root));
  MERIDIAN_CHECK(check_draft(file, draft));
  topology whole;
  whole.name = draft.name;
  whole.engine = draft.engine;
  whole.http_port = draft.http_port;
  MERIDIAN_TRY(whole.state_directory, state_directory_of(draft, path.parent_path(), around));
  MERIDIAN_TRY(whole.countries, countries_of(draft, path, read_country_map));
  for (const auto& region : draft.regions) {
    whole.regions.push_back(region.value);
  }
  for (const auto& deployment_draft : draft.deployments) {
    auto& deployment = whole.deployments.emplace_back(deployment_draft.value);
    for (const auto& service : deployment_draft.services) {
      deployment.services.push_back(service.text);
    }
    for (const auto& node : deployment_draft.nodes) {
      deployment.nodes.push_back(node.value);
    }
  }
  for (const auto& place : draft.serving) {
    whole.serving.push_back(place.value);
  }
  for (const auto& place : draft.bus) {
    auto& added = whole.bus.emplace_back(place.value);
    if (added.tls) {
      for (auto* file_path : {&added.tls->certificate, &added.tls->key, &added.tls->authority}) {
        *file_path = without_dots(around.working_directory / path.parent_path() / *file_path);
      }
    }
  }
  return whole;
}

result<topology> read_topology(const fs::path& path) {
  auto text = read_file(path);
  if (!text) {
    auto failure = text.error();
    failure.remedy = "name a topology file: --topology FILE";
    return failure;
  }
  return parse_topology(path, *text, read_file, surroundings_of_process());
}

}  // namespace meridian::topology
