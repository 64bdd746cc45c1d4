#include "lab/throwaway_topology.hpp"

#include <gtest/gtest.h>

#include "topology/topology_file.hpp"

namespace meridian::lab {
namespace {

const auto local = std::filesystem::path(MERIDIAN_SOURCE_DIR) / "config" / "local.toml";

throwaway_shape shape_in_asia() {
  throwaway_shape shape;
  shape.name = "bench-12345";
  shape.region = "asia";
  shape.sql_port = 12345;
  shape.http_port = 12346;
  return shape;
}

TEST(throwaway_topology, is_a_topology_of_one_region_with_its_countries) {
  const auto like = topology::read_topology(local);
  ASSERT_TRUE(like) << like.error().message;
  auto shape = shape_in_asia();
  shape.state_directory = "/var/tmp/a \"strange\" place";
  const auto map = country_map_text(*like, "asia");
  const auto parsed =
      topology::parse_topology("/tmp/topology.toml", topology_text(*like, shape), [&](const auto&) { return map; }, {});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->name, shape.name);
  EXPECT_EQ(parsed->state_directory, shape.state_directory);
  ASSERT_EQ(parsed->regions.size(), 1U);
  EXPECT_EQ(parsed->regions[0].number, like->region_named("asia").number);
  EXPECT_EQ(parsed->find_country("Korea, Republic of")->region, "asia");
  EXPECT_EQ(parsed->partition_values("asia"), like->partition_values("asia"));
  ASSERT_EQ(parsed->deployments.size(), 1U);
  EXPECT_EQ(parsed->deployments[0].nodes[0].sql_port, 12345);
  EXPECT_EQ(parsed->deployments[0].nodes[0].place.region, "ap-south-1");
}

TEST(throwaway_topology, may_have_reminders) {
  const auto like = topology::read_topology(local);
  ASSERT_TRUE(like) << like.error().message;
  auto shape = shape_in_asia();
  shape.state_directory = "/var/tmp/some place";
  shape.reminder_ports = {12347, 12348};
  const auto map = country_map_text(*like, "asia");
  const auto parsed =
      topology::parse_topology("/tmp/topology.toml", topology_text(*like, shape), [&](const auto&) { return map; }, {});
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto* reminders = parsed->find_deployment_of_service("reminders");
  ASSERT_NE(reminders, nullptr);
  ASSERT_EQ(reminders->nodes.size(), 2U);
  EXPECT_EQ(reminders->nodes[1].sql_port, 12348);
}

TEST(find_free_ports, finds_different_ones) {
  const auto found = find_free_ports("127.0.0.1", 3);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 3U);
  EXPECT_NE(found->at(0), found->at(1));
  EXPECT_NE(found->at(1), found->at(2));
}

}  // namespace
}  // namespace meridian::lab
