// How the plan is carried out: order, what is done already, what belongs to another machine, what fails.
//
// YugabyteDB can't be had here. In its place stand shell scripts that note how they are called and answer in the form
// that YugabyteDB's documentation gives: this tests the executor, not YugabyteDB.

#include "cluster/yugabyte/engine.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "cluster/config_files.hpp"
#include "runtime/file.hpp"

namespace meridian::cluster::yugabyte {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A node runs when there is a file called after its address; a placement, a replication is set up when there is one
// called after it.
constexpr std::string_view fake_yugabyted = R"sh(#!/bin/sh
address=$(printf '%s\n' "$@" | sed -n 's/^--advertise_address=//p')
echo "yugabyted $1 $2 $address" | sed 's/ --[^ ]*//; s/ *$//' >> "$FAKE/log"
case $1 in
  start) touch "$FAKE/running.$address" ;;
  configure) touch "$FAKE/placed" ;;
  configure_read_replica) touch "$FAKE/replicas" ;;
esac
)sh";

constexpr std::string_view fake_ysqlsh = R"sh(#!/bin/sh
address=$(printf '%s\n' "$@" | sed -n '/^-h$/{n;p;}')
test -e "$FAKE/running.$address" || { echo "could not connect to $address" >&2; exit 2; }
case "$*" in
  *"SELECT 1"*) echo 1 ;;
  *pg_enum*) echo "16400 Active, 16402 Busy" ;;
  *)
    script=$(cat)
    step=$(printf '%s\n' "$script" | sed -n "s/.*VALUES ('\([a-z_/0-9]*\)', '[0-9a-f]\{64\}');/\1/p")
    echo "ysqlsh $address $step" >> "$FAKE/log"
    case $script in *"$(cat "$FAKE/refused")"*) echo "psql:<stdin>:12: ERROR:  refused" >&2; exit 3 ;; esac ;;
esac
)sh";

constexpr std::string_view fake_yb_admin = R"sh(#!/bin/sh
masters=$(printf '%s\n' "$@" | sed -n '/^-master_addresses$/{n;p;}')
case "$*" in
  *get_universe_config*)
    placed=
    test ! -e "$FAKE/placed" || placed='"multiAffinitizedLeaders":[],'
    test ! -e "$FAKE/replicas" || placed="$placed\"readReplicas\":[],"
    echo "{\"version\":2,\"replicationInfo\":{$placed\"liveReplicas\":{}},\"clusterUuid\":\"id-of-$masters\"}" ;;
  *list_tables*) echo "meridian.status_history 00000000000000000000000000000001"
                 echo "meridian.status 000034cb000030008000000000004000" ;;
  *setup_universe_replication*)
    echo "yb-admin $masters $(printf '%s ' "$@" | sed 's/.*setup_universe/setup_universe/; s/ *$//')" >> "$FAKE/log"
    touch "$FAKE/into.$masters" ;;
  *get_replication_status*)
    test -e "$FAKE/into.$masters" || exit 1
    echo 'statuses { table_id: "000034cb000030008000000000004000" stream_id: "1" }' ;;
esac
)sh";

// Would touch this machine, or another.
constexpr std::string_view fake_mkdir = "#!/bin/sh\n";
constexpr std::string_view fake_scp =
    "#!/bin/sh\nfor last; do :; done\ncase $last in \"$FAKE\"*) echo CA > \"$last/ca.crt\" ;; esac\n";

class yugabyte_engine_test : public testing::Test {
 protected:
  yugabyte_engine_test() {
    std::string name = (std::filesystem::temp_directory_path() / "meridian-engine-test.XXXXXX").string();
    fake_ = ::mkdtemp(name.data());
    std::filesystem::create_directories(fake_ / "bin");
    std::filesystem::create_directories(fake_ / "certs");
    add_program("yugabyted", fake_yugabyted);
    add_program("ysqlsh", fake_ysqlsh);
    add_program("yb-admin", fake_yb_admin);
    add_program("mkdir", fake_mkdir);
    add_program("scp", fake_scp);
    refuse("nothing that a script holds");
    ::setenv("PATH", ((fake_ / "bin").string() + ":/usr/bin:/bin").c_str(), 1);
    ::setenv("FAKE", fake_.c_str(), 1);
    for (const auto& [variable, meaning] : needed_environment()) {
      ::setenv(std::string(variable).c_str(), "secret", 1);
    }
    ::setenv("MERIDIAN_CERTS", (fake_ / "certs").c_str(), 1);
    // A small production topology, of which every host is this machine.
    int last = 0;
    for (auto& part : world_.deployments) {
      for (auto& node : part.nodes) {
        node.address = fmt::format("127.1.0.{}", ++last);
      }
    }
  }

  void TearDown() override {
    ::setenv("PATH", path_.c_str(), 1);
    std::error_code ignored;
    std::filesystem::remove_all(fake_, ignored);
  }

  void add_program(const std::string& name, std::string_view text) const {
    EXPECT_TRUE(write_file(fake_ / "bin" / name, text, 0755));
  }

  // From now on a script with this in it fails.
  void refuse(const std::string& text) const { EXPECT_TRUE(write_file(fake_ / "refused", text, mode_public)); }

  result<void> apply(const std::string& only = "") const {
    MERIDIAN_TRY(const auto engine, run(yugabyte_engine::make(world_, only)));
    progress told(true);
    MERIDIAN_CHECK(run(engine->provision(told)));
    for (const auto& part : world_.deployments) {
      if (only.empty() || part.name == only) {
        MERIDIAN_CHECK(run(engine->apply_schema(part, told)));
        MERIDIAN_CHECK(run(engine->replicate(part, told)));
      }
    }
    return {};
  }

  // The calls since the last time, but for those of the SQL shell that record no step of the schema.
  std::vector<std::string> calls() const {
    std::vector<std::string> lines;
    std::ifstream log(fake_ / "log");
    for (std::string line; std::getline(log, line);) {
      if (!line.starts_with("ysqlsh") || line.back() != ' ') {
        lines.push_back(line);
      }
    }
    std::filesystem::remove(fake_ / "log");
    return lines;
  }

  std::filesystem::path fake_;
  std::string path_ = std::getenv("PATH");
  topology::topology world_ = config_topology("geo.yugabyte.toml");
};

TEST_F(yugabyte_engine_test, carries_the_plan_out_in_order) {
  const auto applied = apply("status");
  ASSERT_TRUE(applied) << to_string(applied.error());
  const std::string americas = "127.1.0.15:7100,127.1.0.16:7100,127.1.0.17:7100";
  const std::string europe = "127.1.0.18:7100,127.1.0.19:7100,127.1.0.20:7100";
  const std::string table = " 000034cb000030008000000000004000";
  EXPECT_THAT(
      calls(),
      ElementsAre(
          "yugabyted cert generate_server_certs", "yugabyted start 127.1.0.15", "yugabyted start 127.1.0.16",
          "yugabyted start 127.1.0.17", "yugabyted configure data_placement", "yugabyted start 127.1.0.18",
          "yugabyted start 127.1.0.19", "yugabyted start 127.1.0.20", "ysqlsh 127.1.0.15 platform/001_ids",
          "ysqlsh 127.1.0.15 status/001_status", "ysqlsh 127.1.0.15 status/002_details",
          "ysqlsh 127.1.0.15 status/003_in_time", "ysqlsh 127.1.0.15 yugabyte/status/001_arrival",
          "ysqlsh 127.1.0.18 platform/001_ids", "ysqlsh 127.1.0.18 status/001_status",
          "ysqlsh 127.1.0.18 status/002_details", "ysqlsh 127.1.0.18 status/003_in_time",
          "ysqlsh 127.1.0.18 yugabyte/status/001_arrival",
          fmt::format(
              "yb-admin {1} setup_universe_replication id-of-{0}_status_americas {0}{2}", americas, europe, table
          ),
          fmt::format("yb-admin {0} setup_universe_replication id-of-{1}_status_europe {1}{2}", americas, europe, table)
      )
  );
}

TEST_F(yugabyte_engine_test, does_nothing_twice_on_a_host) {
  ASSERT_TRUE(apply());
  EXPECT_THAT(calls(), testing::Contains("yugabyted configure_read_replica new"));
  ASSERT_TRUE(apply());
  for (const auto& call : calls()) {
    EXPECT_THAT(call, testing::StartsWith("ysqlsh")) << "SQL skips by itself what is recorded";
  }
}

TEST_F(yugabyte_engine_test, leaves_another_machine_alone_and_says_what_to_run_there) {
  auto& nodes = world_.deployments[2].nodes;
  nodes[1].address = "198.51.100.2";  // TEST-NET-2: nobody's
  nodes[2].address = "198.51.100.3";
  const auto stopped = apply("status");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, errc::unavailable);
  EXPECT_THAT(stopped.error().message, HasSubstr("is for another machine: on 198.51.100.2"));
  EXPECT_THAT(
      stopped.error().remedy, AllOf(
                                  HasSubstr("on 198.51.100.2: Start status-americas-b"),
                                  HasSubstr("on 198.51.100.3: Start status-americas-c"), Not(HasSubstr("127.1.0"))
                              )
  );
  EXPECT_THAT(calls(), ElementsAre("yugabyted cert generate_server_certs", "yugabyted start 127.1.0.15"));
  // Started there by hand, it is recognised.
  for (const auto* address : {"198.51.100.2", "198.51.100.3"}) {
    ASSERT_TRUE(write_file(fake_ / fmt::format("running.{}", address), "", mode_public));
  }
  EXPECT_TRUE(apply("status"));
}

TEST_F(yugabyte_engine_test, stops_at_the_first_failure) {
  refuse("status/001_status");
  const auto stopped = apply("status");
  ASSERT_FALSE(stopped);
  EXPECT_THAT(
      stopped.error().message, AllOf(HasSubstr("Schema step status/001_status: "), HasSubstr("12: ERROR:  refused"))
  );
  EXPECT_THAT(stopped.error().remedy, HasSubstr("apply again"));
  const auto made = calls();
  EXPECT_EQ(made.back(), "ysqlsh 127.1.0.15 status/001_status");
  refuse("nothing that a script holds");
  EXPECT_TRUE(apply("status"));
}

TEST_F(yugabyte_engine_test, does_not_replicate_where_the_types_differ) {
  auto text = std::string(fake_ysqlsh);
  text.replace(text.find("16400 Active"), 5, "$(($(echo $address | tr -d .)))");
  add_program("ysqlsh", text);
  const auto stopped = apply("status");
  ASSERT_FALSE(stopped);
  EXPECT_THAT(stopped.error().message, HasSubstr("the labels of profile_status differ"));
  for (const auto& call : calls()) {
    EXPECT_THAT(call, Not(HasSubstr("setup_universe_replication")));
  }
}

TEST_F(yugabyte_engine_test, missing_programs_are_said_before_anything_is_done) {
  for (const std::string program : {"yugabyted", "yb-admin", "ysqlsh"}) {
    std::filesystem::rename(fake_ / "bin" / program, fake_ / "away");
    const auto refused = apply();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::not_found);
    EXPECT_EQ(refused.error().message, program + " is not on PATH: this machine has no YugabyteDB");
    EXPECT_THAT(refused.error().remedy, AllOf(HasSubstr("docs.yugabyte.com"), HasSubstr("meridian plan")));
    std::filesystem::rename(fake_ / "away", fake_ / "bin" / program);
  }
  EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(yugabyte_engine_test, missing_secrets_are_said_before_anything_is_done) {
  ::unsetenv("MERIDIAN_SERVICE_PASSWORD");
  const auto refused = apply();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the environment variable MERIDIAN_SERVICE_PASSWORD is not set");
  EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(yugabyte_engine_test, observes_what_answers) {
  ASSERT_TRUE(write_file(fake_ / "running.127.1.0.1", "", mode_public));
  auto engine = run(yugabyte_engine::make(world_));
  const auto seen = run((*engine)->observe());
  ASSERT_TRUE(seen);
  ASSERT_EQ(seen->nodes.size(), 20u);
  EXPECT_TRUE(seen->nodes[0].reachable);
  EXPECT_FALSE(seen->nodes[1].reachable);
  EXPECT_THAT(seen->nodes[1].problem, HasSubstr("could not connect"));
  ASSERT_EQ(seen->links.size(), 2u);
  EXPECT_EQ(seen->links[0].state, "missing");
}

}  // namespace
}  // namespace meridian::cluster::yugabyte
