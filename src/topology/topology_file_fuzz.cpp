// Any text is a topology or one mistake with its place: the first half up to a NUL is the topology file, the rest its
// map.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "topology/topology_file.hpp"

namespace {

// What a topology promises to all who use it.
void check_topology(const meridian::topology::topology& topology) {
  bool holds = !topology.deployments.empty() && topology.state_directory.is_absolute();
  for (const auto& country : topology.countries) {
    holds =
        holds && topology.find_country(country.alpha2) == &country && topology.region_named(country.region).number > 0;
  }
  for (const auto& deployment : topology.deployments) {
    holds = holds && !deployment.nodes.empty() && !deployment.primary().region.empty();
    for (const auto& node : deployment.nodes) {
      holds = holds && topology.find_node(node.name) == &node && topology.region_named(node.region).name == node.region;
    }
  }
  if (!holds) {
    std::abort();
  }
}

// "FILE:LINE: what"
void check_mistake(const meridian::error& mistake) {
  const auto& text = mistake.message;
  bool has_line = mistake.code == meridian::errc::too_large;
  for (auto colon = text.find(':'); colon != std::string::npos && !has_line; colon = text.find(':', colon + 1)) {
    has_line = colon + 1 < text.size() && text[colon + 1] >= '1' && text[colon + 1] <= '9';
  }
  if (!has_line || mistake.remedy.empty()) {
    std::abort();
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer names it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(input.find('\0'), input.size());
  const std::string map(input.substr(std::min(end + 1, input.size())));
  const auto read_map = [&map](const std::filesystem::path&) -> meridian::result<std::string> { return map; };
  const auto parsed =
      meridian::topology::parse_topology("fuzz.toml", input.substr(0, end), read_map, {.home = "/home/fuzz"});
  if (parsed) {
    check_topology(*parsed);
  } else {
    check_mistake(parsed.error());
  }
  return 0;
}
