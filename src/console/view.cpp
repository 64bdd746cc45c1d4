#include "console/view.hpp"

#include <algorithm>

namespace meridian::console {
namespace {

using topology::deployment_kind;

// The embedded engine names a standby's slot after its node.
std::string slot_of(const topology::node& standby) {
  auto name = standby.name;
  std::ranges::replace(name, '-', '_');
  return name;
}

link_view streaming_link(const node_view& primary, const node_view& standby) {
  link_view link{primary.node, standby.node, "streaming", "unknown", {}, {}};
  if (!standby.is_reachable) {
    link.state = "down";
    return link;
  }
  if (standby.is_paused) {
    link.state = "paused";
  }
  if (!primary.is_reachable) {
    link.staleness_s = standby.replay_age_s;
    return link;
  }
  const auto slot = std::ranges::find(primary.slots, slot_of(*standby.node), &slot_view::name);
  if (!standby.is_paused && slot != primary.slots.end()) {
    link.state = slot->is_active ? "running" : "down";
  }
  // The two were asked side by side: one that looks ahead is level.
  link.behind_bytes = std::max<std::int64_t>(0, primary.position - standby.position);
  link.staleness_s = link.behind_bytes == 0 ? std::optional(0.0) : standby.replay_age_s;
  return link;
}

// pglogical keeps one slot on a node for each that subscribes to it; here that is the other one.
link_view logical_link(const node_view& from, const node_view& to) {
  link_view link{from.node, to.node, "logical", "unknown", {}, {}};
  if (!from.is_reachable) {
    return link;
  }
  const auto is_logical = [](const slot_view& one) { return one.name.starts_with("pgl_"); };
  const auto slot = std::ranges::find_if(from.slots, is_logical);
  if (slot == from.slots.end()) {
    return link;
  }
  link.state = slot->is_active ? "running" : "down";
  link.behind_bytes = slot->behind_bytes;
  return link;
}

constexpr std::int64_t counted_max = 10'000;

}  // namespace

table_view table_of(std::string table, std::int64_t counted, std::int64_t estimate, std::int64_t bytes) {
  table_view made{.table = std::move(table), .rows = counted, .bytes = bytes};
  if (counted > counted_max) {
    made.rows = std::max(estimate, counted);
    made.is_estimate = true;
  }
  return made;
}

std::vector<link_view> links_between(const std::vector<node_view>& nodes) {
  std::vector<link_view> links;
  for (const auto& from : nodes) {
    for (const auto& to : nodes) {
      if (from.part != to.part || &from == &to) {
        continue;
      }
      const bool is_source = from.is_reachable ? !from.is_replica : from.node->role == topology::node_role::primary;
      const bool is_copy = to.is_reachable ? to.is_replica : to.node->role == topology::node_role::replica;
      if (from.part->kind == deployment_kind::read_replicas && is_source && is_copy) {
        links.push_back(streaming_link(from, to));
      } else if (from.part->kind == deployment_kind::bidirectional) {
        links.push_back(logical_link(from, to));
      }
    }
  }
  return links;
}

}  // namespace meridian::console
