// The triggers of the two PostgreSQL nodes and merge.hpp are one rule: random histories, written and merged by both,
// leave the same rows and the same conflicts.
#include <map>
#include <optional>
#include <random>
#include <set>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "status/merge.hpp"
#include "support/local_topology.hpp"

namespace meridian::status {
namespace {

using held = version<std::string>;

// A node, and what the model says it holds.
struct side {
  side(const test::local_topology& world, const std::string& name, int its_number)
      : node(world.connect(name)), applier(world.connect(name)), number(its_number) {
    applier.text("SET session_replication_role = replica");
  }

  held read(int person) {
    const auto rows =
        node.query(fmt::format("SELECT hlc, hlc_node, replaced_hlc, text FROM status WHERE profile_id = {}", person));
    EXPECT_TRUE(rows && rows->size() == 1) << person;
    const auto row = (*rows)[0];
    return {{row.number<std::int64_t>(0), row.number<int>(1)}, row.number<std::int64_t>(2), std::string(row.text(3))};
  }

  // Which version each conflict was lost by.
  std::set<std::string> told_conflicts(int first_person, int last_person) {
    std::set<std::string> all;
    const auto rows = node.query(fmt::format(
        "SELECT format('%s: %s over %s', profile_id, winner->>'text', loser->>'text') FROM meridian.status_conflict "
        "WHERE profile_id BETWEEN {} AND {}",
        first_person, last_person
    ));
    for (const auto row : rows.value()) {
      all.emplace(row.text(0));
    }
    return all;
  }

  test::session node;
  test::session applier;  // as the replication's worker
  int number;
  std::map<int, held> model;
  std::set<std::string> conflicts;
};

class merge_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"status"});
    world->up({"--manual-replication"});
    const auto applied = world->run({"apply", "--deployment", "status"});
    ASSERT_EQ(applied.exit_code, 0) << applied.said();
  }
  static void TearDownTestSuite() { world.reset(); }

  int any(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }

  void write(side& where, int person, const std::string& text) {
    const auto clock = where.node.query(fmt::format(
        "INSERT INTO status (profile_id, status, text) VALUES ({}, 'Busy', '{}') "
        "ON CONFLICT (profile_id) DO UPDATE SET status = excluded.status, text = excluded.text "
        "RETURNING (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
        person, text
    ));
    ASSERT_TRUE(clock) << to_string(clock.error());
    const auto found = where.model.find(person);
    const auto before = found == where.model.end() ? std::nullopt : std::optional(found->second);
    const auto made = where.read(person);
    // The trigger looks at the clock some microseconds before the statement ends.
    const std::chrono::milliseconds end((*clock)[0].number<std::int64_t>(0));
    bool fits = false;
    for (auto shown = end - std::chrono::milliseconds(50); shown <= end; ++shown) {
      fits = fits || write_over(before, where.number, std::chrono::sys_time(shown), text) == made;
    }
    EXPECT_TRUE(fits) << "the model would not stamp it so: " << made.written.hlc;
    where.model[person] = made;
  }

  // Hands a version to the merge trigger, as the worker does.
  void apply(side& where, int person, const held& arrived) {
    const auto sent = fmt::format(
        R"([{{"profile_id":{},"status":"Busy","set_at":"2026-11-23T12:00:00Z","text":"{}","emoji":"","hlc":{},)"
        R"("hlc_node":{},"replaced_hlc":{}}}])",
        person, arrived.content, arrived.written.hlc, arrived.written.node, arrived.replaced_hlc
    );
    const auto done = where.applier.query("SELECT meridian.merge_statuses($1::jsonb)", {sent});
    ASSERT_TRUE(done) << to_string(done.error());
    const auto [place, is_new] = where.model.emplace(person, arrived);
    if (!is_new) {
      const auto before = place->second;
      place->second = merge(before, arrived);
      if (is_conflict(before, arrived)) {
        const auto& winner = place->second;
        const auto& loser = winner == before ? arrived : before;
        where.conflicts.insert(fmt::format("{}: {} over {}", person, winner.content, loser.content));
      }
    }
    EXPECT_EQ(where.read(person), where.model.at(person)) << person;
  }

  static inline std::unique_ptr<test::local_topology> world;
  std::minstd_rand random_{20261123};
};

TEST_F(merge_pgtest, writes_and_arrivals_of_two_nodes_end_as_the_model_says) {
  side sides[] = {{*world, "status-americas", 1}, {*world, "status-europe", 2}};
  constexpr int people = 12;
  for (int step = 0; step < 600 && !HasFailure(); ++step) {
    auto& here = sides[any(0, 1)];
    auto& there = &here == &sides[0] ? sides[1] : sides[0];
    const int person = any(1, people);
    if (any(0, 2) > 0) {
      write(here, person, fmt::format("step {}", step));
    } else if (const auto found = there.model.find(person); found != there.model.end()) {
      const auto copy = found->second;
      apply(here, person, copy);
    }
  }
  for (auto& one : sides) {
    EXPECT_EQ(one.told_conflicts(1, people), one.conflicts);
    EXPECT_GT(one.conflicts.size(), 10U);
  }
}

TEST_F(merge_pgtest, made_up_versions_with_ties_and_repeats_end_as_the_model_says) {
  side here(*world, "status-europe", 2);
  constexpr int first_person = 100;
  constexpr int last_person = 120;
  for (int step = 0; step < 600 && !HasFailure(); ++step) {
    held made;
    made.written.hlc = any(1, 12);
    made.written.node = any(1, 2);
    made.replaced_hlc = any(0, 1) * any(0, 12);
    made.content = fmt::format("{}/{}", made.written.hlc, made.written.node);
    apply(here, any(first_person, last_person), made);
  }
  EXPECT_EQ(here.told_conflicts(first_person, last_person), here.conflicts);
  EXPECT_GT(here.conflicts.size(), 20U);
}

}  // namespace
}  // namespace meridian::status
