#include "cli/overview.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "topology/door.hpp"

namespace meridian::cli {
namespace {

std::string size_of(std::int64_t bytes) {
  return bytes < 10240        ? fmt::format("{} B", bytes)
         : bytes < (10 << 20) ? fmt::format("{} kB", bytes >> 10)
                              : fmt::format("{} MB", bytes >> 20);
}

std::string_view kind_in_words(topology::deployment_kind kind) {
  switch (kind) {
    case topology::deployment_kind::geo_partitioned:
      return "geo-distributed: each row rests in the region of its country";
    case topology::deployment_kind::read_replicas:
      return "one primary takes the writes, replicas answer the readers near them";
    case topology::deployment_kind::bidirectional:
      return "standalone clusters, each takes writes and sends them to the other";
  }
  return "";
}

std::vector<std::string> row_of(const cluster::node_state& facts) {
  const auto& node = *facts.node;
  return {
      "  " + node.name,
      fmt::format("{}:{}", node.address, node.sql_port),
      to_string(node.place),
      std::string(facts.reachable ? facts.role : "-"),
      facts.reachable ? fmt::format("up, {}", size_of(facts.bytes)) : "DOWN",
  };
}

// Display columns, not bytes: names and labels are short and may hold letters beyond ASCII.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char letter) { return (letter & 0xC0) != 0x80; }));
}

}  // namespace

std::string table_of(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string lag_of(const cluster::link_state& link) {
  if (!link.lag_bytes) {
    return "";
  }
  return fmt::format("{} behind, {:.0f} ms", size_of(*link.lag_bytes), link.lag_seconds.value_or(0) * 1000);
}

std::string overview_of(const topology::topology& world, const cluster::cluster_state& now) {
  std::string out;
  for (const auto& part : world.deployments) {
    out += fmt::format("{}{} ({})\n", out.empty() ? "" : "\n", part.name, kind_in_words(part.kind));
    std::vector<std::vector<std::string>> rows;
    for (const auto& facts : now.nodes) {
      if (std::ranges::find(part.nodes, facts.node->name, &topology::node::name) != part.nodes.end()) {
        rows.push_back(row_of(facts));
      }
    }
    for (const auto& link : now.links) {
      if (std::ranges::find(part.nodes, link.to, &topology::node::name) != part.nodes.end()) {
        rows.push_back({"  " + link.from + " -> " + link.to, link.kind, "", "", link.state, lag_of(link)});
      }
    }
    out += table_of(rows);
  }
  return out;
}

std::string overview_of(const std::vector<serving_state>& serving) {
  if (serving.empty()) {
    return "";
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& facts : serving) {
    const auto process = facts.pid > 0 ? fmt::format("process {}", facts.pid) : std::string("-");
    rows.push_back(
        {"  " + facts.name, url_of(*facts.place), process, facts.is_ready ? facts.state : "DOWN: " + facts.state}
    );
  }
  return "\nservices (a process for each region)\n" + table_of(rows);
}

std::string overview_of(const std::vector<cluster::bus_server_state>& bus) {
  if (bus.empty()) {
    return "";
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& facts : bus) {
    const auto process = facts.pid > 0 ? fmt::format("process {}", facts.pid) : std::string("-");
    const auto* state = facts.is_answering ? "up"
                        : facts.is_running ? "DOWN: does not answer"
                                           : "DOWN: not running (meridian up starts it)";
    rows.push_back({"  " + facts.name, cluster::url_of(*facts.place), process, state});
  }
  return "\nbus (events between the regions)\n" + table_of(rows);
}

std::string next_steps(const topology::topology& world, cluster::up_options options) {
  const auto& geo = world.deployments.front();
  // What the newcomer has typed: the script at the repository's root tells where it is.
  const std::string_view me = std::getenv("MERIDIAN_HOME") == nullptr ? "meridian" : "./meridian";
  std::string out = "Where to go next\n";
  out += fmt::format(
      "  {} sql {} -c 'SELECT * FROM Workspace'    all regions' rows, from one node\n", me, geo.nodes.back().name
  );
  out += fmt::format("  curl -s http://{}:{}/cluster-config\n", geo.nodes.front().address, world.http_port);
  if (!world.serving.empty()) {
    out += fmt::format("  {}    the messenger, in a browser\n", url_of(world.serving.front()));
    out += fmt::format("  {}/docs    what can be asked for over HTTP\n", url_of(world.serving.front()));
  }
  out += fmt::format("  {} audit residency    where every row rests, down to the files\n", me);
  if (options.manual_replication) {
    out += fmt::format("  {0} apply --deployment NAME, then {0} replication setup --from NODE --to NODE\n", me);
  }
  out += fmt::format("  {0} status, {0} logs NODE, {0} down\n", me);
  return out;
}

}  // namespace meridian::cli
