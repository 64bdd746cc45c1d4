// The program's manners: help, usage errors, exit codes, machine-readable output.
#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/local_topology.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

using words = std::vector<std::string>;

std::string shown(const words& arguments) {
  return fmt::format("meridian {}", fmt::join(arguments, " "));
}

class cli_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"status"});
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  static json::value parsed(const words& arguments) {
    const auto ended = world->run(arguments);
    EXPECT_EQ(ended.exit_code, 0) << shown(arguments) << "\n" << ended.said();
    boost::system::error_code malformed;
    auto value = json::parse(ended.output, malformed);
    EXPECT_FALSE(malformed) << shown(arguments) << "\n" << ended.output;
    return value;
  }

  static std::unique_ptr<local_topology> world;
};

std::unique_ptr<local_topology> cli_systest::world;

TEST_F(cli_systest, every_command_has_help_with_examples) {
  const words commands[] = {
      {"up"},
      {"down"},
      {"status"},
      {"logs"},
      {"sql"},
      {"plan"},
      {"apply"},
      {"replication"},
      {"replication", "list"},
      {"replication", "show"},
      {"replication", "setup"},
      {"replication", "pause"},
      {"replication", "resume"},
      {"replication", "repair"},
      {"replication", "watch"},
      {"audit"},
      {"audit", "residency"},
      {"serve"},
  };
  for (auto command : commands) {
    const auto name = fmt::format("{}", fmt::join(command, " "));
    command.emplace_back("--help");
    const auto help = world->run(command);
    EXPECT_EQ(help.exit_code, 0) << name;
    EXPECT_THAT(help.output, testing::ContainsRegex(fmt::format("\nExamples:\n(.*\n)*  meridian .*{}", name))) << name;
    EXPECT_EQ(help.errors, "") << name;
  }
}

TEST_F(cli_systest, the_program_lists_its_commands) {
  const auto help = world->run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const auto* command :
       {"up", "down", "status", "logs", "sql", "plan", "apply", "replication", "audit", "serve"}) {
    EXPECT_THAT(help.output, testing::ContainsRegex(fmt::format("\n +{} ", command)));
  }
}

TEST_F(cli_systest, wrong_usage_is_exit_code_2_and_says_what_is_wrong) {
  const std::pair<words, std::string> mistakes[] = {
      {{"upp"}, "upp"},
      {{"statsu"}, "did you mean status?"},
      {{"replication", "lst"}, "list"},
      {{}, "subcommand"},
      {{"up", "--emty"}, "--emty"},
      {{"down", "now"}, "now"},
      {{"status", "--jsn"}, "--jsn"},
      {{"logs"}, "node"},
      {{"logs", "agent", "-n", "many"}, "many"},
      {{"sql"}, "node"},
      {{"sql", "--role", "postgres", "status-europe"}, "meridian_adhoc"},
      {{"replication"}, "subcommand"},
      {{"replication", "setup", "--from", "status-europe"}, "--to"},
      {{"apply", "--deploymnt", "status"}, "--deploymnt"},
      {{"serve"}, "--region"},
      {{"serve", "--region", "asia", "--port", "70000"}, "70000"},
      {{"serve", "--region", "asia", "--registration", "closed"}, "invited"},
  };
  for (const auto& [arguments, said] : mistakes) {
    const auto ended = world->run(arguments);
    EXPECT_EQ(ended.exit_code, 2) << shown(arguments) << "\n" << ended.said();
    EXPECT_THAT(ended.errors, HasSubstr(said)) << shown(arguments);
    EXPECT_EQ(ended.output, "") << shown(arguments);
  }
}

TEST_F(cli_systest, status_is_for_people_and_for_programs) {
  const auto facts = parsed({"status", "--json"});
  EXPECT_EQ(facts.at("state_directory").as_string(), world->state_directory().string());
  EXPECT_TRUE(facts.at("agent_running").as_bool());
  ASSERT_EQ(facts.at("nodes").as_array().size(), 2U);
  const auto& node = facts.at("nodes").at(1);
  EXPECT_EQ(node.at("name"), "status-europe");
  EXPECT_EQ(node.at("address"), "127.0.0.8");
  EXPECT_EQ(node.at("port").as_int64(), world->sql_port());
  EXPECT_EQ(node.at("role"), "primary");
  EXPECT_GT(node.at("bytes").as_int64(), 1'000'000);
  EXPECT_EQ(facts.at("links").as_array().size(), 2U);
  const auto text = world->run({"status"});
  EXPECT_THAT(
      text.output, testing::ContainsRegex("status-europe +127.0.0.8:[0-9]+ +aws.eu-west-1.eu-west-1a +primary +up")
  );
  EXPECT_THAT(text.output, HasSubstr("agent: running"));
}

TEST_F(cli_systest, replication_is_for_people_and_for_programs) {
  const auto links = parsed({"replication", "show", "--json"});
  ASSERT_EQ(links.as_array().size(), 2U);
  for (const auto& link : links.as_array()) {
    EXPECT_EQ(link.at("state"), "replicating");
    EXPECT_GE(link.at("lag_bytes").as_int64(), 0);
  }
  EXPECT_EQ(parsed({"replication", "list", "--json"}).as_array().size(), 2U);
  EXPECT_THAT(world->run({"replication", "show"}).output, HasSubstr("FROM"));
  EXPECT_THAT(world->run({"replication", "list"}).output, HasSubstr("UNIVERSE ID"));
  const auto repair = world->run({"replication", "repair", "--from", "status-europe", "--to", "status-americas"});
  EXPECT_EQ(repair.exit_code, 0) << repair.said();
}

TEST_F(cli_systest, sql_is_psql) {
  EXPECT_EQ(world->sql("status-europe", "SELECT current_user"), "meridian_adhoc");
  EXPECT_EQ(world->sql(fmt::format("127.0.0.8:{}", world->sql_port()), "SELECT inet_server_addr()"), "127.0.0.8");
  const auto admin =
      world->run({"sql", "--role", "meridian_admin", "status-europe", "-At", "-c", "SELECT current_user"});
  EXPECT_EQ(admin.output, "meridian_admin\n");
  const auto json = world->run({"sql", "status-europe", "--csv", "-c", "SELECT 1 AS one, 'a,b' AS two"});
  EXPECT_EQ(json.output, "one,two\n1,\"a,b\"\n");
  EXPECT_EQ(world->run({"sql", "status-europe", "-c", "SELECT nonsense"}).exit_code, 1) << "psql's own exit code";
  EXPECT_EQ(world->run({"sql", "status-europe", "-v", "ON_ERROR_STOP=1", "-f", "/nonexistent"}).exit_code, 1);
}

TEST_F(cli_systest, logs_show_the_end_of_a_log) {
  const auto agent = world->run({"logs", "agent", "-n", "1"});
  EXPECT_EQ(agent.exit_code, 0);
  EXPECT_EQ(std::ranges::count(agent.output, '\n'), 1);
  EXPECT_THAT(world->run({"logs", "agent"}).output, HasSubstr("answering /cluster-config"));
  world->connect("status-europe").refusal("DO $$ BEGIN RAISE WARNING 'a line for the log'; END $$");
  EXPECT_THAT(world->run({"logs", "status-europe"}).output, HasSubstr("a line for the log"));
  EXPECT_THAT(world->run({"logs", "127.0.0.7"}).output, Not(HasSubstr("a line for the log")));
}

TEST_F(cli_systest, the_topology_may_come_from_the_environment) {
  launch what;
  what.arguments = {MERIDIAN_PROGRAM, "status", "--json"};
  what.environment = {{"MERIDIAN_TOPOLOGY", world->file().string()}, {"MERIDIAN_STATE_DIR", ""}};
  const auto ended = run_child(what);
  EXPECT_EQ(ended.exit_code, 0) << ended.said();
  EXPECT_THAT(ended.output, HasSubstr(world->state_directory().string()));
}

TEST_F(cli_systest, up_tells_what_it_does_and_where_to_go) {
  const auto said = world->up().output;
  for (const auto* part : {"Starting them", "Schema of the deployment status", "Where to go next", "Up in "}) {
    EXPECT_THAT(said, HasSubstr(part));
  }
}

}  // namespace
}  // namespace meridian::test
