// The lab's own statements against real nodes: what a bench prepares is sound, and the checker sees what is not.
#include <memory>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/bench_data.hpp"
#include "lab/pgbench.hpp"
#include "lab/process_times.hpp"
#include "lab/queries.hpp"
#include "lab/send_bench.hpp"
#include "support/local_topology.hpp"
#include "topology/topology_file.hpp"

namespace meridian::lab {
namespace {

using testing::IsEmpty;

class bench_data_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"geo"});
    world->up({"--empty"});
    const auto parsed = topology::read_topology(world->file());
    ASSERT_TRUE(parsed) << parsed.error().message;
    auto made = prepare_data(owner(), parsed->region_named("asia"), "India", {8, 3, 100'010}, [](std::int64_t) {});
    ASSERT_TRUE(made) << made.error().message;
    data = std::make_unique<bench_data>(std::move(*made));
  }
  static void TearDownTestSuite() { world.reset(); }

  static pg::endpoint owner() {
    return world->endpoint("geo-asia", "meridian_admin", world->password_of("meridian_admin"));
  }

  static std::vector<damage> damage_behind(const std::vector<std::int64_t>& seq_before) {
    evidence all;
    const auto first = data->first_channel_id;
    const auto read = read_stored(owner(), "asia", {first, first + 1, first + 2}, seq_before, all);
    EXPECT_TRUE(read) << read.error().message;
    return find_damage(all);
  }

  static std::unique_ptr<test::local_topology> world;
  static std::unique_ptr<bench_data> data;
};

std::unique_ptr<test::local_topology> bench_data_pgtest::world;
std::unique_ptr<bench_data> bench_data_pgtest::data;

TEST_F(bench_data_pgtest, every_statement_can_be_prepared) {
  auto node = world->connect("geo-asia");
  for (const auto* one : queries::all) {
    EXPECT_EQ(node.refusal(fmt::format("PREPARE {} AS {}", one->name, in_region(*one, "asia"))), "") << one->name;
  }
}

TEST_F(bench_data_pgtest, what_is_prepared_is_sound) {
  EXPECT_THAT(damage_behind({}), IsEmpty());
  EXPECT_EQ(data->seq_before(0), 33'337);
  EXPECT_EQ(data->seq_before(2), 33'336);
  EXPECT_THAT(damage_behind({33'337, 33'337, 33'336}), IsEmpty());
  auto node = world->connect("geo-asia");
  EXPECT_EQ(
      node.text("SELECT count(*), count(DISTINCT id), min(length(message)), max(length(message)) FROM message_asia"),
      "100010|100010|200|200"
  );
  // Rows that were written without foreign keys are such as these would have let in.
  EXPECT_EQ(
      node.text(fmt::format(
          "SELECT count(*) FROM message_asia m JOIN channel_asia c ON c.id = m.channel_id AND c.country = m.country "
          "JOIN channel_member_asia x ON x.channel_id = c.id AND x.profile_id = m.sender_id "
          "JOIN workspaceprofile_asia w ON w.workspace_id = c.workspace_id AND w.profile_id = m.sender_id"
      )),
      "100010"
  );
}

TEST_F(bench_data_pgtest, sessions_are_those_of_the_tokens) {
  auto node = world->connect("geo-asia");
  EXPECT_EQ(
      node.text(
          "SELECT profile_id FROM identity.session_asia WHERE token_hash = sha256(convert_to($1, 'UTF8'))",
          {data->tokens[3]}
      ),
      std::to_string(data->first_person_id + 3)
  );
}

TEST_F(bench_data_pgtest, the_checker_sees_a_hole_in_a_channel) {
  auto node = world->connect("geo-asia");
  ASSERT_TRUE(node.script(fmt::format(
      "CREATE TABLE spare AS SELECT * FROM message_asia WHERE channel_id = {0} AND seq = 33337;"
      "SET session_replication_role = replica; DELETE FROM message_asia WHERE channel_id = {0} AND seq = 33337;",
      data->first_channel_id
  )));
  const auto found = damage_behind({33'000, 33'000, 33'000});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, damage_kind::counter_wrong);
  ASSERT_TRUE(node.script("INSERT INTO message_asia SELECT * FROM spare; DROP TABLE spare;"));
  EXPECT_THAT(damage_behind({}), IsEmpty());
}

TEST_F(bench_data_pgtest, processor_time_of_a_server_grows_with_its_work) {
  const auto postmaster = world->postmaster_of("geo-asia");
  ASSERT_TRUE(postmaster);
  const auto before = cpu_seconds_of_family(*postmaster);
  auto node = world->connect("geo-asia");
  node.text("SELECT count(*) FROM generate_series(1, 2000000)");
  EXPECT_GT(cpu_seconds_of_family(*postmaster) - before, 0.05);
  EXPECT_GT(resident_bytes_of(*postmaster), 1 << 20);
}

TEST_F(bench_data_pgtest, pgbench_sends_what_the_server_sends) {
  pgbench_settings settings;
  settings.where = world->endpoint("geo-asia", "meridian_service", "");
  settings.password_file = world->state_directory() / "secrets" / "pgpass";
  settings.directory = world->directory();
  settings.clients = 4;
  settings.duration = std::chrono::seconds(1);
  settings.script = send_script(*data, "asia", 3, 4);
  settings.definitions = {"n=100000000"};
  const auto before = world->sql("asia", "SELECT count(*) FROM Message_Asia");
  const auto outcome = run_pgbench(settings);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_GT(outcome->transactions_per_second, 10);
  const auto sent = static_cast<std::int64_t>(outcome->latencies.count());
  EXPECT_GT(sent, 10);
  EXPECT_EQ(std::stoll(world->sql("asia", "SELECT count(*) FROM Message_Asia")) - std::stoll(before), sent)
      << "every transaction is a message";
  EXPECT_THAT(damage_behind({}), IsEmpty());
}

}  // namespace
}  // namespace meridian::lab
