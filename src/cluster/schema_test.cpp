#include "cluster/schema.hpp"

#include <gmock/gmock.h>

#include "cluster/config_files.hpp"
#include "cluster/sql_files.hpp"
#include "cluster/sql_statements.hpp"

namespace meridian::cluster {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class schema_test : public testing::Test {
 protected:
  // One file, as geo-asia gets it.
  result<migration> render(std::string_view text, dialect language = dialect::postgres) const {
    return render_file(world_, geo(), asia(), language, "schema/x/001_x.sql", text);
  }

  std::vector<std::string> statements(const topology::deployment& part, std::size_t node) const {
    std::vector<std::string> all;
    const auto steps = render_schema(world_, part, part.nodes[node], dialect::postgres);
    for (const auto& step : steps.value()) {
      const auto some = statements_of(step.sql);
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }

  const topology::deployment& geo() const { return world_.deployments[0]; }
  const topology::node& asia() const { return geo().nodes[2]; }

  topology::topology world_ = config_topology("local.toml");
};

std::vector<std::string> names_of(const result<std::vector<migration>>& steps) {
  std::vector<std::string> names;
  for (const auto& step : steps.value()) {
    names.push_back(step.name);
  }
  return names;
}

TEST_F(schema_test, refuses_unknown_variables) {
  const auto refused = render("SELECT ${regoin};");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "sql/schema/x/001_x.sql: unknown variable regoin");
  EXPECT_FALSE(render("SELECT ${region"));
  EXPECT_FALSE(render("SELECT ${region};")) << "what every node runs knows no region";
}

TEST_F(schema_test, refuses_unknown_directives) {
  const auto refused = render("-- @partitoin message by country\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "sql/schema/x/001_x.sql: unknown directive @partitoin message by country");
  EXPECT_FALSE(render("-- @partition message\n"));
  EXPECT_FALSE(render("-- @region asia\n"));
}

TEST_F(schema_test, region_sections_are_run_where_they_rest) {
  const std::string text =
      "SELECT 1;\n-- @region\nSELECT '${region}', ${region_number}${placed};\n-- @once\nSELECT 2;\n";
  EXPECT_THAT(statements_of(render(text)->sql), ElementsAre("SELECT 1", "SELECT 'asia', 3", "SELECT 2"));
  EXPECT_THAT(
      statements_of(render(text, dialect::yugabyte)->sql),
      ElementsAre(
          "SELECT 1", "SELECT 'americas', 1 TABLESPACE americas_tablespace",
          "SELECT 'europe', 2 TABLESPACE europe_tablespace", "SELECT 'asia', 3 TABLESPACE asia_tablespace", "SELECT 2"
      )
  );
}

TEST_F(schema_test, partitions_are_tables_here_and_foreign_tables_elsewhere) {
  const auto all = statements(geo(), 2);
  EXPECT_THAT(
      all, Contains(AllOf(
               StartsWith("CREATE TABLE IF NOT EXISTS message_asia PARTITION OF message ( id NOT NULL,"),
               HasSubstr("PRIMARY KEY (id), FOREIGN KEY (channel_id, country) REFERENCES channel_asia (id, country)"),
               HasSubstr("FOR VALUES IN ('"), HasSubstr("'India'")
           ))
  );
  EXPECT_THAT(
      all, Contains(AllOf(
               StartsWith("CREATE FOREIGN TABLE IF NOT EXISTS message_europe PARTITION OF message FOR VALUES IN ("),
               HasSubstr("'Germany', 'DE', 'DEU'"),
               EndsWith("SERVER europe OPTIONS (schema_name 'public', table_name 'message_europe')")
           ))
  );
  EXPECT_THAT(
      all, Contains("CREATE FOREIGN TABLE IF NOT EXISTS identity.claim_americas PARTITION OF identity.claim "
                    "FOR VALUES WITH (MODULUS 3, REMAINDER 0) SERVER americas OPTIONS (schema_name 'identity', "
                    "table_name 'claim_americas')")
  );
  EXPECT_THAT(all, Contains("CREATE TABLE IF NOT EXISTS message_unplaced PARTITION OF message DEFAULT"));
  EXPECT_THAT(all, Contains(StartsWith("CREATE INDEX IF NOT EXISTS profile_asia_email ")));
  EXPECT_THAT(all, Not(Contains(StartsWith("CREATE INDEX IF NOT EXISTS profile_europe_email "))));
}

TEST_F(schema_test, foreign_credentials_are_for_the_services_only) {
  const auto all = statements(geo(), 2);
  EXPECT_THAT(all, Contains("GRANT SELECT, INSERT, UPDATE, DELETE ON identity.account_europe TO meridian_service"));
  EXPECT_THAT(
      all, Contains("GRANT SELECT, INSERT, UPDATE, DELETE ON message_europe TO meridian_service, meridian_adhoc")
  );
}

TEST_F(schema_test, each_deployment_gets_what_its_services_need) {
  const auto render_names = [&](std::size_t part, dialect language) {
    const auto& deployment = world_.deployments[part];
    return names_of(render_schema(world_, deployment, deployment.nodes[0], language));
  };
  EXPECT_THAT(
      render_names(0, dialect::postgres),
      ElementsAre(
          "platform/001_ids", "geography/001_country", "profile/001_profile", "identity/001_account",
          "identity/002_sign_in", "messaging/001_workspace", "messaging/002_channel", "messaging/003_message",
          "messaging/004_organisation", "messaging/005_conversation", "messaging/006_message_now",
          "messaging/007_departure"
      )
  );
  EXPECT_THAT(
      render_names(1, dialect::postgres),
      ElementsAre(
          "platform/001_ids", "reminders/001_reminder", "reminders/002_delivery", "postgres/reminders/001_position"
      )
  );
  EXPECT_THAT(
      render_names(2, dialect::postgres),
      ElementsAre(
          "platform/001_ids", "status/001_status", "status/002_details", "status/003_in_time",
          "postgres/status/001_convergence", "postgres/status/002_arrival"
      )
  );
  // YugabyteDB resolves conflicts by its own hybrid time.
  EXPECT_THAT(
      render_names(2, dialect::yugabyte), ElementsAre(
                                              "platform/001_ids", "status/001_status", "status/002_details",
                                              "status/003_in_time", "yugabyte/status/001_arrival"
                                          )
  );
  EXPECT_THAT(render_names(0, dialect::yugabyte), Contains("yugabyte/geography/001_country_copies"));
}

TEST_F(schema_test, each_node_of_a_deployment_knows_its_number) {
  EXPECT_THAT(statements(world_.deployments[2], 1), Contains(HasSubstr("NEW.hlc_node := 2;")));
}

TEST_F(schema_test, tablespaces_hold_the_copies_of_a_region_in_its_zones) {
  auto world = config_topology("geo.yugabyte.toml");
  const auto all = render_tablespaces(world, world.deployments[0], dialect::yugabyte);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_THAT(
      all[1], StartsWith("CREATE TABLESPACE europe_tablespace OWNER meridian_owner WITH (replica_placement='{")
  );
  EXPECT_THAT(all[1], EndsWith(R"('{"num_replicas":3,"placement_blocks":[
  {"cloud":"aws","region":"eu-west-1","zone":"eu-west-1a","min_num_replicas":1,"leader_preference":1},
  {"cloud":"aws","region":"eu-west-1","zone":"eu-west-1b","min_num_replicas":1,"leader_preference":2},
  {"cloud":"aws","region":"eu-west-1","zone":"eu-west-1c","min_num_replicas":1,"leader_preference":3}]}'))"));
  EXPECT_TRUE(render_tablespaces(world, world.deployments[1], dialect::yugabyte).empty());
  EXPECT_TRUE(render_tablespaces(world, world.deployments[0], dialect::postgres).empty());
}

// YugabyteDB refuses a placement whose shares add up to more than its copies.
TEST_F(schema_test, shares_of_zones_add_up_to_the_copies) {
  auto world = config_topology("geo.yugabyte.toml");
  world.deployments[0].replication_factor = 1;
  EXPECT_THAT(
      render_tablespaces(world, world.deployments[0], dialect::yugabyte)[0],
      AllOf(HasSubstr(R"("num_replicas":1)"), HasSubstr("us-west-1a"), Not(HasSubstr("us-west-1b")))
  );
  world.deployments[0].replication_factor = 5;
  EXPECT_THAT(
      render_tablespaces(world, world.deployments[0], dialect::yugabyte)[0],
      AllOf(
          HasSubstr(R"("zone":"us-west-1a","min_num_replicas":2)"),
          HasSubstr(R"("zone":"us-west-1b","min_num_replicas":2)"),
          HasSubstr(R"("zone":"us-west-1c","min_num_replicas":1)")
      )
  );
}

}  // namespace
}  // namespace meridian::cluster
