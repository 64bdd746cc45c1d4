#include "topology/small_topology.hpp"

#include <sstream>

namespace meridian::topology {
namespace {

// The comments count the lines.
constexpr std::string_view topology_text = R"(name = "small"
engine = "postgres"
sql_port = 5433
http_port = 7000
country_map = "map.toml"
[[region]]                                  # 6
name = "west"
number = 1
label = "West"
location = "aws.us-west-1.us-west-1a"       # 10
latitude = 37.5
longitude = -122
[[region]]                                  # 13
name = "east"
number = 2
label = "East"
location = "aws.eu-west-1.eu-west-1a"
latitude = 53.0
longitude = -6.5
[[deployment]]                              # 20
name = "geo"
kind = "geo_partitioned"
services = ["profile", "messaging"]
[[deployment.node]]                         # 24
name = "geo-west"
address = "127.0.0.1"
region = "west"
[[deployment.node]]                         # 28
name = "geo-east"
address = "127.0.0.2"
region = "east"
[[deployment]]                              # 32
name = "copies"
kind = "read_replicas"
services = ["reminders"]
[[deployment.node]]                         # 36
name = "copies-west"
address = "127.0.0.3"
region = "west"
role = "primary"
[[deployment.node]]                         # 41
name = "copies-east"
address = "127.0.0.4"
region = "east"
role = "replica"
[[deployment]]                              # 46
name = "pair"
kind = "bidirectional"
services = ["status"]
[[deployment.node]]                         # 50
name = "pair-west"
address = "127.0.0.5"
region = "west"
[[deployment.node]]                         # 54
name = "pair-east"
address = "127.0.0.6"
region = "east"
)";

constexpr std::string_view map_text = R"([west]
US = { alpha3 = "USA", name = "USA", aliases = ["United States"] }
CA = { alpha3 = "CAN", name = "Canada" }
[east]
IT = { alpha3 = "ITA", name = "Italy" }
CI = { alpha3 = "CIV", name = "Ivory Coast", aliases = ["Côte d'Ivoire"] }
)";

std::string edited(std::string_view text, const line_edits& edits) {
  std::istringstream lines{std::string(text)};
  std::string all;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto edit = edits.find(number);
    all += (edit == edits.end() ? line : edit->second) + "\n";
  }
  return all;
}

}  // namespace

std::string small_topology(const line_edits& edits) {
  return edited(topology_text, edits);
}

std::string small_map(const line_edits& edits) {
  return edited(map_text, edits);
}

result<topology> parse_small(const std::string& text, const std::string& map) {
  const auto read_map = [&map](const std::filesystem::path& path) -> result<std::string> {
    if (path == "map.toml") {
      return map;
    }
    return error{errc::not_found, "can't read " + path.string() + ": No such file or directory", ""};
  };
  return parse_topology("small.toml", text, read_map, {.root = true, .working_directory = "/etc"});
}

std::string mistake_of(const result<topology>& parsed) {
  return parsed ? "" : parsed.error().message + " | " + parsed.error().remedy;
}

std::string mistake_with(const line_edits& edits) {
  return mistake_of(parse_small(small_topology(edits)));
}

std::string mistake_with_map(const line_edits& edits) {
  return mistake_of(parse_small(small_topology(), small_map(edits)));
}

}  // namespace meridian::topology
