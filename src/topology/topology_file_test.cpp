#include "topology/topology_file.hpp"

#include <cstdlib>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/file.hpp"
#include "topology/small_topology.hpp"

namespace meridian::topology {
namespace {

const std::filesystem::path config_directory = MERIDIAN_CONFIG_DIRECTORY;

// "NAME ADDRESS:PORT ROLE LOCATION in REGION"
std::vector<std::string> described(const deployment& deployment) {
  std::vector<std::string> nodes;
  nodes.reserve(deployment.nodes.size());
  for (const auto& node : deployment.nodes) {
    nodes.push_back(fmt::format(
        "{} {}:{} {} {} in {}", node.name, node.address, node.sql_port, to_string(node.role), to_string(node.place),
        node.region
    ));
  }
  return nodes;
}

TEST(local_topology, is_three_deployments_on_the_addresses_that_are_its_contract) {
  const auto local = read_topology(config_directory / "local.toml");
  ASSERT_EQ(mistake_of(local), "");
  EXPECT_EQ(local->name, "local");
  EXPECT_EQ(local->engine, engine_kind::postgres);
  EXPECT_EQ(local->http_port, 7000);
  ASSERT_EQ(local->deployments.size(), 3);
  const auto& geo = local->deployments[0];
  EXPECT_EQ(geo.kind, deployment_kind::geo_partitioned);
  EXPECT_THAT(geo.services, testing::ElementsAre("profile", "messaging"));
  EXPECT_THAT(
      described(geo), testing::ElementsAre(
                          "geo-americas 127.0.0.1:5433 primary aws.us-west-1.us-west-1a in americas",
                          "geo-europe 127.0.0.2:5433 primary aws.eu-west-1.eu-west-1a in europe",
                          "geo-asia 127.0.0.3:5433 primary aws.ap-south-1.ap-south-1a in asia"
                      )
  );
  const auto& reminders = local->deployments[1];
  EXPECT_EQ(reminders.kind, deployment_kind::read_replicas);
  EXPECT_THAT(reminders.services, testing::ElementsAre("reminders"));
  EXPECT_EQ(reminders.primary().address, "127.0.0.4");
  EXPECT_THAT(
      described(reminders), testing::ElementsAre(
                                "reminders-americas 127.0.0.4:5433 primary aws.us-west-1.us-west-1a in americas",
                                "reminders-europe 127.0.0.5:5433 replica aws.eu-west-1.eu-west-1a in europe",
                                "reminders-asia 127.0.0.6:5433 replica aws.ap-south-1.ap-south-1a in asia"
                            )
  );
  const auto& status = local->deployments[2];
  EXPECT_EQ(status.kind, deployment_kind::bidirectional);
  EXPECT_THAT(status.services, testing::ElementsAre("status"));
  EXPECT_THAT(
      described(status), testing::ElementsAre(
                             "status-americas 127.0.0.7:5433 primary aws.us-west-1.us-west-1a in americas",
                             "status-europe 127.0.0.8:5433 primary aws.eu-west-1.eu-west-1a in europe"
                         )
  );
}

TEST(local_topology, serves_each_region_on_a_port_of_its_own) {
  const auto local = read_topology(config_directory / "local.toml");
  ASSERT_EQ(mistake_of(local), "");
  std::vector<std::string> places;
  for (const auto& place : local->serving) {
    places.push_back(fmt::format("{} {}:{}", place.region, place.address, place.port));
  }
  EXPECT_THAT(places, testing::ElementsAre("americas 127.0.0.1:8080", "europe 127.0.0.1:8081", "asia 127.0.0.1:8082"));
}

TEST(local_topology, has_a_bus_in_each_region) {
  const auto local = read_topology(config_directory / "local.toml");
  ASSERT_EQ(mistake_of(local), "");
  std::vector<std::string> places;
  for (const auto& place : local->bus) {
    places.push_back(fmt::format("{} {}:{} {}", place.region, place.address, place.port, place.gateway_port));
    EXPECT_EQ(place.account, "meridian");
    EXPECT_FALSE(place.tls);
  }
  EXPECT_THAT(
      places,
      testing::ElementsAre("americas 127.0.0.1:4222 7222", "europe 127.0.0.2:4222 7222", "asia 127.0.0.3:4222 7222")
  );
  EXPECT_EQ(local->find_bus("europe"), &local->bus[1]);
  EXPECT_EQ(local->find_bus("mars"), nullptr);
}

TEST(local_topology, has_three_regions_in_their_places) {
  const auto local = read_topology(config_directory / "local.toml");
  ASSERT_EQ(mistake_of(local), "");
  std::vector<std::string> regions;
  for (const auto& region : local->regions) {
    regions.push_back(
        fmt::format("{} {} {} {} {}", region.number, region.name, region.label, region.latitude, region.longitude)
    );
  }
  EXPECT_THAT(
      regions, testing::ElementsAre(
                   "1 americas Americas 37.35 -121.96", "2 europe Europe 53.35 -6.26", "3 asia Asia 19.08 72.88"
               )
  );
}

TEST(production_topology, has_three_zones_a_region_and_a_primary_cluster) {
  const auto production = read_topology(config_directory / "geo.yugabyte.toml");
  ASSERT_EQ(mistake_of(production), "");
  EXPECT_EQ(production->engine, engine_kind::yugabyte);
  ASSERT_EQ(production->deployments.size(), 3);
  const auto& geo = production->deployments[0];
  EXPECT_EQ(geo.replication_factor, 3);
  EXPECT_THAT(described(geo), testing::SizeIs(9));
  EXPECT_EQ(described(geo)[1], "geo-americas-b yb-usw1b.example.com:5433 primary aws.us-west-1.us-west-1b in americas");
  const auto& reminders = production->deployments[1];
  EXPECT_THAT(
      described(reminders),
      testing::ElementsAre(
          "reminders-americas-a yb-rr-usw1a.example.com:5433 primary aws.us-west-1.us-west-1a in americas",
          "reminders-americas-b yb-rr-usw1b.example.com:5433 primary aws.us-west-1.us-west-1b in americas",
          "reminders-americas-c yb-rr-usw1c.example.com:5433 primary aws.us-west-1.us-west-1c in americas",
          "reminders-europe-a yb-rr-euw1a.example.com:5433 replica aws.eu-west-1.eu-west-1a in europe",
          "reminders-asia-a yb-rr-aps1a.example.com:5433 replica aws.ap-south-1.ap-south-1a in asia"
      )
  );
  EXPECT_THAT(described(production->deployments[2]), testing::SizeIs(6));
}

std::string state_directory_of(
    const std::string& key, const surroundings& around, const std::filesystem::path& path = "conf/small.toml"
) {
  const auto text = small_topology({{5, "country_map = \"map.toml\"\n" + key}});
  const auto read_map = [](const std::filesystem::path&) -> result<std::string> { return small_map(); };
  const auto parsed = parse_topology(path, text, read_map, around);
  return parsed ? parsed->state_directory.string() : mistake_of(parsed);
}

TEST(state_directory, of_the_file_starts_at_the_file) {
  const surroundings around{.root = true, .working_directory = "/srv/here"};
  EXPECT_EQ(state_directory_of("state_directory = \"state/\"", around), "/srv/here/conf/state");
  EXPECT_EQ(state_directory_of("state_directory = \"../state\"", around), "/srv/here/state");
  EXPECT_EQ(state_directory_of("state_directory = \".\"", around), "/srv/here/conf");
  EXPECT_EQ(state_directory_of("state_directory = \"state\"", around, "/etc/small.toml"), "/etc/state");
  EXPECT_EQ(state_directory_of("state_directory = \"/srv/state\"", around), "/srv/state");
  EXPECT_EQ(
      state_directory_of("state_directory = \"\"", around),
      "conf/small.toml:6: \"state_directory\" is empty | fill it in, or take it out"
  );
}

TEST(state_directory, has_a_default_by_user) {
  EXPECT_EQ(
      state_directory_of("", {.root = true, .xdg_state_home = "/xdg", .home = "/root"}), "/var/lib/meridian/small"
  );
  EXPECT_EQ(state_directory_of("", {.xdg_state_home = "/xdg", .home = "/home/ann"}), "/xdg/meridian/small");
  EXPECT_EQ(state_directory_of("", {.home = "/home/ann"}), "/home/ann/.local/state/meridian/small");
  EXPECT_EQ(
      state_directory_of("", {.xdg_state_home = "relative", .home = "/home/ann"}),
      "/home/ann/.local/state/meridian/small"
  );
  EXPECT_EQ(
      state_directory_of("", {}),
      "conf/small.toml:1: no state_directory, and HOME is not set to find one | "
      "set state_directory here or MERIDIAN_STATE_DIR in the environment"
  );
}

TEST(state_directory, of_the_environment_overrides_all) {
  const surroundings around{.root = true, .state_directory = "/mnt/state", .working_directory = "/"};
  EXPECT_EQ(state_directory_of("state_directory = \"/srv/state\"", around), "/mnt/state");
  EXPECT_EQ(state_directory_of("", around), "/mnt/state");
  EXPECT_EQ(state_directory_of("", {.state_directory = "../state", .working_directory = "/srv/here"}), "/srv/state");
}

class topology_files : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(make_directory(folder_, 0700));
    ASSERT_TRUE(write_file(folder_ / "small.toml", small_topology(), mode_public));
    ASSERT_TRUE(write_file(folder_ / "map.toml", small_map(), mode_public));
  }
  void TearDown() override {
    ::unsetenv("MERIDIAN_STATE_DIR");
    std::filesystem::remove_all(folder_);
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("meridian-topology-test-" + std::to_string(::getpid()));
};

TEST_F(topology_files, are_read_with_the_map_beside_them_and_the_environment) {
  ::setenv("MERIDIAN_STATE_DIR", "/mnt/state", 1);
  const auto read = read_topology(folder_ / "small.toml");
  ASSERT_EQ(mistake_of(read), "");
  EXPECT_EQ(read->countries.size(), 4);
  EXPECT_EQ(read->state_directory, "/mnt/state");
  ::setenv("MERIDIAN_STATE_DIR", "", 1);
  const auto unset = read_topology(folder_ / "small.toml");
  ASSERT_EQ(mistake_of(unset), "");
  EXPECT_EQ(unset->state_directory.filename(), "small");
}

TEST_F(topology_files, that_are_missing_are_errors_with_the_next_step) {
  const auto none = read_topology(folder_ / "none.toml");
  EXPECT_EQ(
      mistake_of(none),
      fmt::format(
          "can't read {}/none.toml: No such file or directory | name a topology file: --topology FILE", folder_.string()
      )
  );
  EXPECT_EQ(none.error().code, errc::not_found);
  std::filesystem::remove(folder_ / "map.toml");
  const auto mapless = read_topology(folder_ / "small.toml");
  EXPECT_EQ(
      mistake_of(mapless), fmt::format(
                               "{0}/small.toml:5: can't read {0}/map.toml: No such file or directory | country_map "
                               "names the file that says which "
                               "country rests where",
                               folder_.string()
                           )
  );
  EXPECT_EQ(mapless.error().code, errc::invalid_argument);
}

TEST_F(topology_files, have_a_default_map_and_ports) {
  ASSERT_TRUE(write_file(folder_ / "small.toml", small_topology({{2, ""}, {3, ""}, {4, ""}, {5, ""}}), mode_public));
  ASSERT_TRUE(write_file(folder_ / "countries.toml", small_map(), mode_public));
  std::filesystem::remove(folder_ / "map.toml");
  const auto read = read_topology(folder_ / "small.toml");
  ASSERT_EQ(mistake_of(read), "");
  EXPECT_EQ(read->engine, engine_kind::postgres);
  EXPECT_EQ(read->http_port, 7000);
  EXPECT_EQ(read->deployments[0].nodes[0].sql_port, 5433);
}

TEST_F(topology_files, name_the_map_by_its_path_in_mistakes) {
  ASSERT_TRUE(write_file(folder_ / "map.toml", small_map({{3, "CA = 1"}}), mode_public));
  EXPECT_EQ(
      mistake_of(read_topology(folder_ / "small.toml")),
      (folder_ / "map.toml").string() + ":3: \"CA\" must be a table | write CA = { alpha3 = \"...\", name = \"...\" }"
  );
}

}  // namespace
}  // namespace meridian::topology
