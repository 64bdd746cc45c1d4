#include "console/view.hpp"

#include <gtest/gtest.h>

namespace meridian::console {
namespace {

using topology::deployment;
using topology::deployment_kind;
using topology::node_role;

deployment part_of(deployment_kind kind) {
  deployment part;
  part.kind = kind;
  const auto second = kind == deployment_kind::read_replicas ? node_role::replica : node_role::primary;
  part.nodes.resize(2);
  part.nodes[0].name = "a-1";
  part.nodes[1].name = "b-2";
  part.nodes[1].role = second;
  return part;
}

std::vector<node_view> views_of(const deployment& part) {
  std::vector<node_view> nodes(2);
  for (std::size_t i = 0; i < 2; ++i) {
    nodes[i].part = &part;
    nodes[i].node = &part.nodes[i];
    nodes[i].is_reachable = true;
    nodes[i].is_replica = part.nodes[i].role == node_role::replica;
    nodes[i].position = 1000;
  }
  return nodes;
}

TEST(view, a_level_replica_is_not_stale_however_old_its_last_change) {
  const auto part = part_of(deployment_kind::read_replicas);
  auto nodes = views_of(part);
  nodes[0].slots = {{"b_2", true, 0}};
  nodes[1].replay_age_s = 3600;
  const auto links = links_between(nodes);
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links[0].from->name, "a-1");
  EXPECT_EQ(links[0].kind, "streaming");
  EXPECT_EQ(links[0].state, "running");
  EXPECT_EQ(links[0].behind_bytes, 0);
  EXPECT_EQ(links[0].staleness_s, 0);
}

TEST(view, a_replica_behind_is_as_stale_as_its_last_change) {
  const auto part = part_of(deployment_kind::read_replicas);
  auto nodes = views_of(part);
  nodes[0].slots = {{"b_2", false, 500}};
  nodes[1].position = 400;
  nodes[1].replay_age_s = 7;
  const auto link = links_between(nodes).at(0);
  EXPECT_EQ(link.state, "down");
  EXPECT_EQ(link.behind_bytes, 600);
  EXPECT_EQ(link.staleness_s, 7);
}

TEST(view, nobody_knows_how_far_behind_without_the_primary) {
  const auto part = part_of(deployment_kind::read_replicas);
  auto nodes = views_of(part);
  nodes[0].is_reachable = false;
  nodes[1].replay_age_s = 7;
  auto link = links_between(nodes).at(0);
  EXPECT_EQ(link.state, "unknown");
  EXPECT_FALSE(link.behind_bytes);
  EXPECT_EQ(link.staleness_s, 7);
  nodes[1].is_paused = true;
  EXPECT_EQ(links_between(nodes).at(0).state, "paused");
  nodes[1].is_reachable = false;
  EXPECT_EQ(links_between(nodes).at(0).state, "down");
}

TEST(view, who_is_primary_is_what_the_nodes_say) {
  const auto part = part_of(deployment_kind::read_replicas);
  auto nodes = views_of(part);
  nodes[0].is_replica = true;
  nodes[1].is_replica = false;
  const auto links = links_between(nodes);
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links[0].from->name, "b-2");
}

TEST(view, both_ways_are_a_link_each) {
  const auto part = part_of(deployment_kind::bidirectional);
  auto nodes = views_of(part);
  nodes[0].slots = {{"pgl_meridian_x", true, 12}};
  nodes[1].slots = {{"pgl_meridian_y", false, 99}};
  auto links = links_between(nodes);
  ASSERT_EQ(links.size(), 2U);
  EXPECT_EQ(links[0].state, "running");
  EXPECT_EQ(links[0].behind_bytes, 12);
  EXPECT_EQ(links[1].state, "down");
  EXPECT_EQ(links[1].behind_bytes, 99);
  nodes[1].slots.clear();
  nodes[0].is_reachable = false;
  for (const auto& link : links_between(nodes)) {
    EXPECT_EQ(link.state, "unknown");
  }
}

TEST(view, rows_are_counted_as_long_as_they_are_few) {
  EXPECT_EQ(table_of("message", 10, -1, 8192).rows, 10);
  EXPECT_FALSE(table_of("message", 10'000, 99'999, 8192).is_estimate);
  const auto many = table_of("message", 10'001, 1'000'000, 1 << 30);
  EXPECT_EQ(many.rows, 1'000'000);
  EXPECT_TRUE(many.is_estimate);
  EXPECT_EQ(table_of("message", 10'001, -1, 1 << 30).rows, 10'001);
}

}  // namespace
}  // namespace meridian::console
