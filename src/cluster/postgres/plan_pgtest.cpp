// The plan of a local topology, run by a shell from top to bottom, makes what `meridian up` makes.

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "cluster/config_files.hpp"
#include "cluster/plan.hpp"
#include "cluster/postgres/engine.hpp"
#include "runtime/process.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;

constexpr std::pair<std::string_view, std::string_view> passwords[] = {
    {role_admin, "MERIDIAN_ADMIN_PASSWORD"},
    {role_service, "MERIDIAN_SERVICE_PASSWORD"},
    {role_adhoc, "MERIDIAN_ADHOC_PASSWORD"},
    {role_replication, "MERIDIAN_REPLICATION_PASSWORD"},
};

class postgres_plan_pgtest : public testing::Test {
 protected:
  postgres_plan_pgtest() {
    EXPECT_TRUE(drop_privileges("postgres"));  // PostgreSQL does not run as root
    std::string name = (std::filesystem::temp_directory_path() / "meridian-plan-test.XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    world_.state_directory = root_ / "state";
    // Addresses and ports that neither a topology of the user's nor another test has.
    int last = 0;
    for (auto& part : world_.deployments) {
      for (auto& node : part.nodes) {
        node.address = "127.0.27." + std::to_string(++last);
        node.sql_port = 27433;
      }
    }
  }

  void TearDown() override {
    progress told(true);
    if (engine_) {
      EXPECT_TRUE(run(engine_->stop(told)));
    }
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  result<std::string> run_plan() const {
    std::ofstream script(root_ / "plan.sh");
    const auto steps = cluster::plan_of(world_);
    for (const auto& step : steps.value()) {
      script << script_of(step) << "\n";
    }
    script.close();
    command shell{{"/bin/sh", "-eu", root_ / "plan.sh"}, {}};
    for (const auto& [role, variable] : passwords) {
      shell.environment.emplace(variable, "of " + std::string(role));
    }
    return run(run_checked(std::move(shell), deadline::in(120s)));
  }

  static task<std::string> ask(instance node, std::string statement) {
    const auto until = deadline::in(20s);
    MERIDIAN_CO_TRY(auto connection, co_await node.connect(role_adhoc, until));
    MERIDIAN_CO_TRY(const auto rows, co_await connection.query(std::move(statement), until));
    co_return rows.empty() ? "" : std::string(rows[0].text(0));
  }

  std::string ask(std::size_t part, std::size_t node, const std::string& statement) const {
    const auto answer = run(ask(engine_->instance_of(world_.deployments[part].nodes[node]), statement));
    return answer ? *answer : to_string(answer.error());
  }

  // Asks until that is the answer: replication takes its time.
  void expect_soon(std::size_t part, std::size_t node, const std::string& statement, const std::string& wanted) const {
    std::string answer;
    for (int attempt = 0; attempt < 100 && answer != wanted; ++attempt) {
      answer = ask(part, node, statement);
      ::usleep(50'000);
    }
    EXPECT_EQ(answer, wanted);
  }

  std::filesystem::path root_;
  topology::topology world_ = config_topology("local.toml");
  std::optional<state> kept_;
  std::unique_ptr<postgres_engine> engine_;
};

TEST_F(postgres_plan_pgtest, run_by_hand_makes_the_same_topology) {
  const auto ran = run_plan();
  kept_ = state::open(world_).value();
  engine_ = run(postgres_engine::make(world_, *kept_)).value();
  ASSERT_TRUE(ran) << ran.error().message;

  ask(0, 0, "INSERT INTO workspace (name, url, country) VALUES ('Tech', 'https://example.com', 'India')");
  EXPECT_EQ(ask(0, 2, "SELECT tableoid::regclass || ' ' || country FROM workspace"), "workspace_asia India");
  ask(1, 0, "INSERT INTO reminder (profile_id, notify_at) VALUES (1, now())");
  expect_soon(1, 2, "SELECT count(*) FROM reminder", "1");
  ask(2, 0, "INSERT INTO status (profile_id, status) VALUES (3, 'Busy')");
  expect_soon(2, 1, "SELECT status::text FROM status", "Busy");
  ask(2, 1, "UPDATE status SET status = 'Active' WHERE profile_id = 3");
  expect_soon(2, 0, "SELECT status::text FROM status", "Active");

  // The engine finds everything as it would have made it.
  progress told(true);
  EXPECT_TRUE(run(engine_->provision(told)));
  for (const auto& part : world_.deployments) {
    const auto applied = run(engine_->apply_schema(part, told));
    EXPECT_TRUE(applied) << applied.error().message;
    EXPECT_TRUE(run(engine_->replicate(part, told)));
  }
}

}  // namespace
}  // namespace meridian::cluster::postgres
