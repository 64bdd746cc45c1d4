#include "cluster/yugabyte/plan.hpp"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <unistd.h>

#include "cluster/config_files.hpp"
#include "cluster/yugabyte/universe.hpp"
#include "runtime/file.hpp"
#include "runtime/process.hpp"

namespace meridian::cluster::yugabyte {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class yugabyte_plan_test : public testing::Test {
 protected:
  std::vector<plan_step> plan() const { return plan_of(world_).value(); }

  plan_step step_named(const std::string& what) const {
    for (const auto& step : plan()) {
      if (step.what == what) {
        return step;
      }
    }
    throw std::logic_error("no step " + what);
  }

  std::vector<universe> universes(std::size_t part) const {
    return universes_of(world_, world_.deployments[part]).value();
  }

  topology::topology world_ = config_topology("geo.yugabyte.toml");
};

std::vector<std::string> names_of(const std::vector<const topology::node*>& nodes) {
  std::vector<std::string> names;
  names.reserve(nodes.size());
  for (const auto* node : nodes) {
    names.push_back(node->name);
  }
  return names;
}

TEST_F(yugabyte_plan_test, a_geo_universe_starts_region_by_region) {
  const auto geo = universes(0);
  ASSERT_EQ(geo.size(), 1u);
  EXPECT_THAT(
      names_of(geo[0].nodes), ElementsAre(
                                  "geo-americas-a", "geo-europe-a", "geo-asia-a", "geo-americas-b", "geo-europe-b",
                                  "geo-asia-b", "geo-americas-c", "geo-europe-c", "geo-asia-c"
                              )
  );
  EXPECT_EQ(master_addresses(geo[0]), "yb-usw1a.example.com:7100,yb-euw1a.example.com:7100,yb-aps1a.example.com:7100");
}

TEST_F(yugabyte_plan_test, the_first_node_starts_alone_and_the_others_join) {
  const auto first = step_named("Start geo-americas-a");
  EXPECT_EQ(first.where, "on yb-usw1a.example.com");
  EXPECT_THAT(
      first.command, AllOf(
                         HasSubstr("yugabyted start --secure"), HasSubstr("--cloud_location=aws.us-west-1.us-west-1a"),
                         HasSubstr("--fault_tolerance=region"), HasSubstr("yb_enable_read_committed_isolation=true"),
                         Not(HasSubstr("--join")), Not(HasSubstr("scp"))
                     )
  );
  EXPECT_THAT(
      step_named("Start geo-asia-b").command,
      AllOf(HasSubstr("--join=yb-usw1a.example.com"), HasSubstr("--cloud_location=aws.ap-south-1.ap-south-1b"))
  );
  EXPECT_THAT(step_named("Start status-europe-b").command, HasSubstr("--join=yb-xc-euw1a.example.com"));
}

TEST_F(yugabyte_plan_test, default_copies_rest_one_a_region) {
  EXPECT_EQ(
      step_named("Default placement of geo").command,
      "yugabyted configure data_placement --base_dir=/var/lib/yugabyte/geo-americas-a \\\n"
      "  --fault_tolerance=region --rf=3 \\\n"
      "  --constraint_value=aws.us-west-1.us-west-1a:1,aws.eu-west-1.eu-west-1a:2,aws.ap-south-1.ap-south-1a:3"
  );
  EXPECT_THAT(step_named("Default placement of status_europe").command, HasSubstr("--fault_tolerance=zone --rf=3"));
}

TEST_F(yugabyte_plan_test, replicas_are_a_cluster_of_their_own) {
  EXPECT_THAT(
      step_named("Start reminders-asia-a").command,
      AllOf(
          HasSubstr("--read_replica"), HasSubstr("--join=yb-rr-usw1a.example.com"), Not(HasSubstr("--fault_tolerance"))
      )
  );
  const auto step = step_named("Read replica cluster of reminders");
  EXPECT_EQ(step.where, "on yb-rr-euw1a.example.com");
  EXPECT_EQ(
      step.command,
      "yugabyted configure_read_replica new --base_dir=/var/lib/yugabyte/reminders-europe-a \\\n"
      "  --rf=2 --data_placement_constraint=aws.eu-west-1.eu-west-1a:1,aws.ap-south-1.ap-south-1a:1"
  );
}

TEST_F(yugabyte_plan_test, replication_is_asked_of_the_target) {
  const auto step = step_named("Replicate status_americas to status_europe");
  EXPECT_EQ(step.where, "here");
  EXPECT_THAT(
      step.command,
      AllOf(
          HasSubstr("from=yb-xc-usw1a.example.com:7100,yb-xc-usw1b.example.com:7100,yb-xc-usw1c.example.com:7100\n"),
          HasSubstr("to=yb-xc-euw1a.example.com:7100,yb-xc-euw1b.example.com:7100,yb-xc-euw1c.example.com:7100\n"),
          HasSubstr("-master_addresses \"$from\" list_tables include_table_id"),
          HasSubstr("-master_addresses \"$to\" \\\n  setup_universe_replication \"$group\" \"$from\" \"$table\"")
      )
  );
}

TEST_F(yugabyte_plan_test, nodes_come_before_their_sql_and_both_schemas_before_replication) {
  std::map<std::string, std::size_t> places;
  const auto steps = plan();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    places.emplace(steps[i].where + ": " + steps[i].what, i);
  }
  EXPECT_LT(
      places.at("on yb-aps1c.example.com: Start geo-asia-c"), places.at("SQL on geo-americas-a: Tablespace of asia")
  );
  EXPECT_LT(
      places.at("SQL on geo-americas-a: Tablespace of asia"),
      places.at("SQL on geo-americas-a: Schema step profile/001_profile")
  );
  const auto set_up = places.at("here: Replicate status_americas to status_europe");
  EXPECT_LT(places.at("SQL on status-americas-a: Schema step status/001_status"), set_up);
  EXPECT_LT(places.at("SQL on status-europe-a: Schema step status/001_status"), set_up);
  EXPECT_LT(places.at("here: Compare the status type on both sides"), set_up);
}

TEST_F(yugabyte_plan_test, more_copies_than_nodes_are_refused) {
  world_.deployments[0].replication_factor = 5;
  const auto refused = plan_of(world_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().message,
      "the deployment geo keeps 5 copies of a row and has 3 node(s) that take writes in americas"
  );
}

TEST_F(yugabyte_plan_test, every_step_says_where_and_why) {
  for (const auto& step : plan()) {
    EXPECT_FALSE(step.where.empty());
    EXPECT_GT(step.why.size(), 20u) << step.what;
    EXPECT_NE(step.why.back(), '.') << step.what;
    EXPECT_EQ(step.is_sql, !step.client.empty()) << step.what;
  }
}

// A shell reads every step, on both engines, without running it.
TEST_F(yugabyte_plan_test, every_step_is_a_shell_script) {
  std::string name = (std::filesystem::temp_directory_path() / "meridian-plan-test.XXXXXX").string();
  ::close(::mkstemp(name.data()));
  for (const std::string file : {"geo.yugabyte.toml", "local.toml"}) {
    const auto world = config_topology(file);
    const auto steps = plan_of(world);
    for (const auto& step : steps.value()) {
      ASSERT_TRUE(write_file(name, script_of(step) + "\n", mode_private));
      const auto read = run(run_checked(command{{"/bin/sh", "-n", name}, {}}, deadline::in(10s)));
      EXPECT_TRUE(read) << step.what << ": " << read.error().message;
    }
  }
  ::unlink(name.c_str());
}

}  // namespace
}  // namespace meridian::cluster::yugabyte
