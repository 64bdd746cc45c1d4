#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/small_topology.hpp"

namespace meridian::topology {
namespace {

TEST(topology_check, refuses_a_region_twice) {
  EXPECT_EQ(
      mistake_with(
          {{14, "name = \"west\""}, {31, "region = \"west\""}, {44, "region = \"west\""}, {57, "region = \"west\""}}
      ),
      "small.toml:14: region \"west\" stands on line 7 already | give it another name"
  );
  EXPECT_EQ(
      mistake_with({{15, "number = 1"}}),
      "small.toml:15: region number 1 stands on line 8 already | give it a number that no region has or had: ids carry "
      "it"
  );
}

TEST(topology_check, refuses_a_deployment_twice) {
  EXPECT_EQ(
      mistake_with({{33, "name = \"geo\""}}),
      "small.toml:33: deployment \"geo\" stands on line 21 already | give it another name"
  );
}

TEST(topology_check, refuses_a_node_twice_in_any_deployment) {
  const std::string remedy = "give it another name: it is unique in the whole file";
  EXPECT_EQ(
      mistake_with({{29, "name = \"geo-west\""}}),
      "small.toml:29: node \"geo-west\" stands on line 25 already | " + remedy
  );
  EXPECT_EQ(
      mistake_with({{51, "name = \"geo-west\""}}),
      "small.toml:51: node \"geo-west\" stands on line 25 already | " + remedy
  );
}

TEST(topology_check, refuses_a_service_in_two_deployments) {
  EXPECT_EQ(
      mistake_with({{49, "services = [\n\"status\",\n\"profile\"]"}}),
      "small.toml:51: service \"profile\" stands on line 23 already | a service has one deployment"
  );
  EXPECT_EQ(
      mistake_with({{49, "services = [\"status\", \"status\"]"}}),
      "small.toml:49: service \"status\" stands on line 49 already | a service has one deployment"
  );
}

TEST(topology_check, lets_any_deployment_have_any_services) {
  EXPECT_EQ(
      mistake_with(
          {{23, "services = []"}, {35, "services = [\"status\"]"}, {49, "services = [\"profile\", \"messaging\"]"}}
      ),
      ""
  );
}

TEST(topology_check, wants_a_node_of_a_geo_partitioned_deployment_in_each_region) {
  EXPECT_EQ(
      mistake_with({{31, "region = \"west\""}}),
      "small.toml:20: deployment \"geo\" has no node in region east | add one: the region's rows rest on it"
  );
  // Without such a deployment no rows rest by region.
  const auto whole = small_topology();
  const auto first = whole.find("[[deployment]]");
  const auto second = whole.find("[[deployment]]", first + 1);
  EXPECT_EQ(mistake_of(parse_small(whole.substr(0, first) + whole.substr(second))), "");
}

TEST(topology_check, wants_primaries_only_where_every_node_takes_writes) {
  const std::string remedy = "take the role out, or make the deployment's kind read_replicas";
  EXPECT_EQ(
      mistake_with({{31, "region = \"east\"\nrole = \"replica\""}}),
      "small.toml:32: a geo_partitioned deployment has primary nodes only | " + remedy
  );
  EXPECT_EQ(
      mistake_with({{57, "region = \"east\"\nrole = \"replica\""}}),
      "small.toml:58: a bidirectional deployment has primary nodes only | " + remedy
  );
}

TEST(topology_check, takes_synchronous_only_where_writes_wait_for_replicas) {
  EXPECT_EQ(
      mistake_with({{23, "services = []\nsynchronous = false"}}),
      "small.toml:24: a geo_partitioned deployment has no replicas that a write could wait for | take it out"
  );
  EXPECT_EQ(
      mistake_with({{2, "engine = \"yugabyte\""}, {35, "services = []\nsynchronous = true"}}),
      "small.toml:36: under the yugabyte engine a write waits for a majority of the primary cluster | take it out: "
      "replication_factor says how many copies there are"
  );
}

TEST(topology_check, wants_a_primary_among_read_replicas) {
  for (const std::string engine : {"postgres", "yugabyte"}) {
    EXPECT_EQ(
        mistake_with({{2, "engine = \"" + engine + "\""}, {40, "role = \"replica\""}}),
        "small.toml:32: deployment \"copies\" has no primary node | give the node that takes the writes role = "
        "\"primary\""
    );
  }
}

TEST(topology_check, wants_one_primary_under_postgres_and_a_primary_cluster_under_yugabyte) {
  EXPECT_EQ(
      mistake_with({{45, "role = \"primary\""}}),
      "small.toml:45: node \"copies-west\" is the primary already | under the postgres engine one node takes the "
      "writes: "
      "make this one role = \"replica\""
  );
  EXPECT_EQ(mistake_with({{2, "engine = \"yugabyte\""}, {45, "role = \"primary\""}}), "");
}

TEST(topology_check, wants_two_nodes_in_a_bidirectional_deployment_under_postgres) {
  const std::string third =
      "region = \"east\"\n[[deployment.node]]\nname = \"c\"\naddress = \"127.0.0.9\"\nregion = \"east\"";
  EXPECT_EQ(
      mistake_with({{57, third}}),
      "small.toml:46: deployment \"pair\" has 3 node(s) | a bidirectional deployment has exactly two"
  );
  EXPECT_EQ(
      mistake_with({{54, ""}, {55, ""}, {56, ""}, {57, ""}}),
      "small.toml:46: deployment \"pair\" has 1 node(s) | a bidirectional deployment has exactly two"
  );
  EXPECT_EQ(mistake_with({{2, "engine = \"yugabyte\""}, {57, third}}), "");
}

TEST(topology_check, wants_two_regions_in_a_bidirectional_deployment_under_yugabyte) {
  EXPECT_EQ(mistake_with({{57, "region = \"west\""}}), "");
  EXPECT_EQ(
      mistake_with({{2, "engine = \"yugabyte\""}, {57, "region = \"west\""}}),
      "small.toml:46: deployment \"pair\" has nodes in 1 region(s) | a bidirectional deployment has two universes: the "
      "nodes "
      "of one region each"
  );
}

TEST(topology_check, refuses_an_address_and_port_twice) {
  const std::string remedy = "give this node another address or a port of its own";
  EXPECT_EQ(
      mistake_with({{30, "address = \"127.0.0.1\""}}),
      "small.toml:30: node \"geo-west\" listens on 127.0.0.1 port 5433 already (line 26) | " + remedy
  );
  EXPECT_EQ(
      mistake_with({{43, "address = \"127.0.0.2\""}}),
      "small.toml:43: node \"geo-east\" listens on 127.0.0.2 port 5433 already (line 30) | " + remedy
  );
  EXPECT_EQ(
      mistake_with({{26, "address = \"::1\""}, {30, "address = \"0::0:1\""}}),
      "small.toml:30: node \"geo-west\" listens on ::1 port 5433 already (line 26) | " + remedy
  );
  EXPECT_EQ(
      mistake_with(
          {{2, "engine = \"yugabyte\""}, {26, "address = \"yb.example.com\""}, {30, "address = \"YB.example.com\""}}
      ),
      "small.toml:30: node \"geo-west\" listens on yb.example.com port 5433 already (line 26) | " + remedy
  );
  EXPECT_EQ(mistake_with({{30, "address = \"127.0.0.1\"\nport = 5434"}}), "");
}

TEST(topology_check, refuses_two_deployments_that_answer_http_on_one_address) {
  EXPECT_EQ(
      mistake_with({{38, "address = \"127.0.0.1\"\nport = 5434"}}),
      "small.toml:38: deployment \"geo\" answers HTTP on 127.0.0.1 port 7000 already | the first nodes of two "
      "deployments "
      "can't share an address"
  );
  EXPECT_EQ(mistake_with({{43, "address = \"127.0.0.1\"\nport = 5434"}}), "");
}

TEST(topology_check, refuses_sql_on_the_http_port) {
  const std::string remedy = "give SQL another port, or change http_port";
  EXPECT_EQ(
      mistake_with({{3, "sql_port = 7000"}}),
      "small.toml:26: 127.0.0.1 port 7000 is the HTTP port of deployment \"geo\" | " + remedy
  );
  EXPECT_EQ(
      mistake_with({{43, "address = \"127.0.0.1\"\nport = 7000"}}),
      "small.toml:44: 127.0.0.1 port 7000 is the HTTP port of deployment \"geo\" | " + remedy
  );
  // Not a first node: nothing answers HTTP there.
  EXPECT_EQ(mistake_with({{30, "address = \"127.0.0.2\"\nport = 7000"}}), "");
}

// Line 58 is the first [[serve]].
std::string mistake_serving(const std::string& places, line_edits edits = {}) {
  edits[57] = "region = \"east\"\n" + places;
  return mistake_with(edits);
}

std::string serving(const std::string& region, const std::string& address, int port) {
  return fmt::format("[[serve]]\nregion = \"{}\"\naddress = \"{}\"\nport = {}\n", region, address, port);
}

TEST(topology_check, lets_each_region_be_served_once) {
  EXPECT_EQ(mistake_serving(serving("east", "127.0.0.1", 8081) + serving("west", "127.0.0.1", 8080)), "");
  EXPECT_EQ(
      mistake_serving(serving("east", "127.0.0.1", 8081) + serving("east", "127.0.0.1", 8080)),
      "small.toml:63: [[serve]] of region \"east\" stands on line 59 already | a region has one; start more with "
      "`meridian serve`"
  );
  EXPECT_EQ(
      mistake_serving(serving("east", "127.0.0.1", 8080) + serving("west", "127.0.0.1", 8080)),
      "small.toml:65: [[serve]] on 127.0.0.1 port 8080 stands on line 61 already | give it a port of its own"
  );
}

TEST(topology_check, refuses_a_serving_place_that_can_not_be) {
  EXPECT_EQ(
      mistake_serving(serving("eats", "127.0.0.1", 8080)),
      "small.toml:59: unknown region \"eats\" (did you mean east?) | the regions of this file are west, east"
  );
  EXPECT_EQ(
      mistake_serving(serving("east", "127.0.0.2", 5433)),
      "small.toml:61: 127.0.0.2 port 5433 is the SQL port of node \"geo-east\" | give it a port of its own"
  );
  EXPECT_EQ(
      mistake_serving(serving("east", "127.0.0.1", 7000)),
      "small.toml:61: 127.0.0.1 port 7000 is the HTTP port of deployment \"geo\" | give it a port of its own"
  );
  EXPECT_EQ(
      mistake_serving(serving("east", "127.0.0.1", 70000)),
      "small.toml:61: \"port\" is 70000, out of range | it must be 1 to 65535"
  );
  EXPECT_EQ(
      mistake_serving(serving("east", "192.0.2.1", 8080)),
      "small.toml:60: \"192.0.2.1\" is not a loopback address | the embedded engine listens on 127.0.0.0/8 or ::1 "
      "only; "
      "real machines take engine = \"yugabyte\""
  );
  EXPECT_EQ(
      mistake_serving(serving("east", "127.0.0.1", 8080), {{23, "services = [\"profile\"]"}}),
      "small.toml:58: no geo_partitioned deployment has the services profile and messaging, which a process serves | "
      "give one services = [\"profile\", \"messaging\"], or take [[serve]] out"
  );
}

std::string bus(const std::string& region, const std::string& address, const std::string& more = "") {
  return fmt::format("[[bus]]\nregion = \"{}\"\naddress = \"{}\"\n{}", region, address, more);
}

TEST(topology_check, lets_every_region_have_a_bus_or_none) {
  EXPECT_EQ(mistake_serving(bus("east", "127.0.0.2") + bus("west", "127.0.0.1")), "");
  EXPECT_EQ(
      mistake_serving(bus("east", "127.0.0.2")),
      "small.toml:58: region \"west\" has no [[bus]] | give one to every region, or to none"
  );
  EXPECT_EQ(
      mistake_serving(bus("east", "127.0.0.2") + bus("east", "127.0.0.1")),
      "small.toml:62: [[bus]] of region \"east\" stands on line 59 already | a region has one"
  );
}

TEST(topology_check, refuses_a_bus_where_something_else_listens) {
  const auto with = [](const std::string& keys) {
    return mistake_serving(bus("east", "127.0.0.2", keys) + bus("west", "127.0.0.1"));
  };
  EXPECT_EQ(
      with("port = 5433\n"),
      "small.toml:61: 127.0.0.2 port 5433 is the SQL port of node \"geo-east\" | give it a port of its own"
  );
  EXPECT_EQ(
      with("gateway_port = 4222\n"),
      "small.toml:61: [[bus]] on 127.0.0.2 port 4222 stands on line 58 already | give it a port of its own"
  );
  EXPECT_EQ(
      with("port = 8080\n") +
          mistake_serving(serving("east", "127.0.0.2", 7222) + bus("east", "127.0.0.2") + bus("west", "127.0.0.1")),
      "small.toml:62: 127.0.0.2 port 7222 is the [[serve]] of region \"east\" | give it a port of its own"
  );
}

TEST(topology_check, refuses_a_bus_that_is_not_like_the_others) {
  const std::string files = "certificate = \"bus.pem\"\nkey = \"bus.key\"\nauthority = \"ca.pem\"\n";
  EXPECT_EQ(mistake_serving(bus("east", "127.0.0.2", files) + bus("west", "127.0.0.1", files)), "");
  EXPECT_EQ(
      mistake_serving(bus("east", "127.0.0.2", files) + bus("west", "127.0.0.1")),
      "small.toml:64: some [[bus]] have a certificate and some have none | give certificate, key and authority to all "
      "of them, or to none"
  );
  EXPECT_EQ(
      mistake_serving(bus("east", "127.0.0.2", "account = \"other\"\n") + bus("west", "127.0.0.1")),
      "small.toml:62: account \"meridian\" is not that of region \"east\" | all regions have the same"
  );
  EXPECT_THAT(
      mistake_serving(bus("east", "127.0.0.2", "certificate = \"bus.pem\"\n") + bus("west", "127.0.0.1")),
      testing::HasSubstr("\"key\"")
  );
  EXPECT_THAT(
      mistake_serving(bus("east", "127.0.0.2", "account = \"a b\"\n") + bus("west", "127.0.0.1")),
      testing::HasSubstr("\"a b\" is not an account's name")
  );
}

}  // namespace
}  // namespace meridian::topology
