#include "topology/topology.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/letter_case.hpp"
#include "topology/small_topology.hpp"

namespace meridian::topology {
namespace {

class topology_queries : public testing::Test {
 protected:
  const topology topology_ = *parse_small(small_topology());

  std::string node_found(std::string_view wanted) const {
    const auto* node = topology_.find_node(wanted);
    return node == nullptr ? "none" : node->name;
  }
  std::string country_found(std::string_view wanted) const {
    const auto* country = topology_.find_country(wanted);
    return country == nullptr ? "none" : country->name;
  }
};

TEST_F(topology_queries, region_named_must_exist) {
  EXPECT_EQ(topology_.region_named("east").number, 2);
  EXPECT_THROW(topology_.region_named("East"), std::logic_error);
}

TEST_F(topology_queries, find_deployment_by_name_or_service) {
  EXPECT_EQ(topology_.find_deployment("pair"), &topology_.deployments[2]);
  EXPECT_EQ(topology_.find_deployment("none"), nullptr);
  EXPECT_EQ(topology_.find_deployment_of_service("messaging"), &topology_.deployments[0]);
  EXPECT_EQ(topology_.find_deployment_of_service("reminders"), &topology_.deployments[1]);
  EXPECT_EQ(topology_.find_deployment_of_service("billing"), nullptr);
}

TEST_F(topology_queries, primary_takes_the_writes) {
  EXPECT_EQ(topology_.find_deployment("copies")->primary().name, "copies-west");
  auto orphaned = *topology_.find_deployment("copies");
  orphaned.nodes.erase(orphaned.nodes.begin());
  EXPECT_THROW(orphaned.primary(), std::logic_error);
}

TEST_F(topology_queries, find_node_by_name_address_address_with_port_or_region) {
  EXPECT_EQ(node_found("copies-east"), "copies-east");
  EXPECT_EQ(node_found("127.0.0.5"), "pair-west");
  EXPECT_EQ(node_found("127.0.0.5:5433"), "pair-west");
  EXPECT_EQ(node_found("127.0.0.5:5434"), "none");
  EXPECT_EQ(node_found("east"), "geo-east");
  EXPECT_EQ(node_found("127.0.0.7"), "none");
  EXPECT_EQ(node_found(""), "none");
}

TEST_F(topology_queries, find_node_at_an_address_that_two_share) {
  const auto shared = parse_small(small_topology({{30, "address = \"127.0.0.1\"\nport = 6000"}}));
  EXPECT_EQ(shared->find_node("127.0.0.1")->name, "geo-west");
  EXPECT_EQ(shared->find_node("127.0.0.1:6000")->name, "geo-east");
}

TEST_F(topology_queries, find_node_prefers_a_name_to_a_region) {
  const auto confusing = parse_small(small_topology({{55, "name = \"west\""}}));
  EXPECT_EQ(confusing->find_node("west")->address, "127.0.0.6");
}

TEST_F(topology_queries, find_node_by_ip6_address_and_host_name) {
  const auto remote = parse_small(small_topology(
      {{2, "engine = \"yugabyte\""}, {26, "address = \"yb.example.com\""}, {30, "address = \"2001:db8::1\""}}
  ));
  ASSERT_EQ(mistake_of(remote), "");
  EXPECT_EQ(remote->find_node("2001:DB8::1")->name, "geo-east");
  EXPECT_EQ(remote->find_node("[2001:db8::1]:5433")->name, "geo-east");
  EXPECT_EQ(remote->find_node("2001:db8::1:5433"), nullptr);
  EXPECT_EQ(remote->find_node("YB.example.com:5433")->name, "geo-west");
}

TEST_F(topology_queries, find_country_by_name_code_or_alias_letter_case_aside) {
  EXPECT_EQ(country_found("italy"), "Italy");
  EXPECT_EQ(country_found("it"), "Italy");
  EXPECT_EQ(country_found("Usa"), "USA");
  EXPECT_EQ(country_found("UNITED STATES"), "USA");
  EXPECT_EQ(country_found("CÔTE D'IVOIRE"), "Ivory Coast");
  EXPECT_EQ(country_found("Cote d'Ivoire"), "none");
  EXPECT_EQ(country_found("Ita"), "Italy");
  EXPECT_EQ(country_found("Ital"), "none");
  EXPECT_EQ(country_found(""), "none");
}

TEST_F(topology_queries, partition_values_are_all_accepted_words_of_a_region) {
  EXPECT_THAT(
      topology_.partition_values("west"), testing::ElementsAre("Canada", "CA", "CAN", "USA", "US", "United States")
  );
  EXPECT_THAT(
      topology_.partition_values("east"),
      testing::ElementsAre("Italy", "IT", "ITA", "Ivory Coast", "CI", "CIV", "Côte d'Ivoire")
  );
  EXPECT_THAT(topology_.partition_values("north"), testing::IsEmpty());
}

TEST(topology_words, say_what_the_file_says) {
  EXPECT_EQ(to_string(location{"aws", "us-west-1", "us-west-1a"}), "aws.us-west-1.us-west-1a");
  EXPECT_EQ(to_string(node_role::primary), "primary");
  EXPECT_EQ(to_string(node_role::replica), "replica");
  EXPECT_EQ(to_string(deployment_kind::geo_partitioned), "geo_partitioned");
  EXPECT_EQ(to_string(deployment_kind::read_replicas), "read_replicas");
  EXPECT_EQ(to_string(deployment_kind::bidirectional), "bidirectional");
  EXPECT_EQ(to_string(engine_kind::postgres), "postgres");
  EXPECT_EQ(to_string(engine_kind::yugabyte), "yugabyte");
}

TEST(letter_case, folds_ascii_and_latin_1_and_nothing_else) {
  EXPECT_EQ(without_case("AZaz09[@"), "azaz09[@");
  EXPECT_EQ(without_case("ÅÇÉÔÜÀÞ"), "åçéôüàþ");
  EXPECT_EQ(without_case("×÷ß"), "×÷ß");
  EXPECT_EQ(without_case("ĀΩЖ"), "ĀΩЖ");
  EXPECT_TRUE(same_but_for_case("Türkiye", "TÜRKIYE"));
  EXPECT_FALSE(same_but_for_case("×", "÷"));
  EXPECT_FALSE(same_but_for_case("a", "ab"));
}

}  // namespace
}  // namespace meridian::topology
