// The store and its nodes against a primary with two replicas.
#include <memory>
#include <regex>
#include <set>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "reminders/queries.hpp"
#include "reminders/reminder_store.hpp"
#include "support/local_topology.hpp"
#include "topology/topology_file.hpp"

namespace meridian::reminders {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

timestamp now() {
  return std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
}

// One region's view of the nodes, on a loop of its own.
class view {
 public:
  view(const test::local_topology& running, const std::string& region, const node_settings& settings = {})
      : world_(topology::read_topology(running.file()).value()),
        nodes_(
            loop_.get_executor(), world_, *world_.find_deployment("reminders"), world_.region_named(region),
            sign_in_of(running), settings
        ),
        store_(nodes_) {}
  view(const view&) = delete;
  view& operator=(const view&) = delete;
  ~view() {
    run(nodes_.stop(deadline::in(5s)));
    loop_.run_for(100ms);
  }

  reminder_store& store() { return store_; }
  reminder_nodes& nodes() { return nodes_; }

  template <class T>
  result<T> run(task<T> work) {
    std::optional<result<T>> outcome;
    loop_.restart();
    boost::asio::co_spawn(loop_, std::move(work), [&](const std::exception_ptr& thrown, result<T> ended) {
      if (thrown) {
        std::rethrow_exception(thrown);
      }
      outcome.emplace(std::move(ended));
    });
    while (!outcome && loop_.run_one() > 0) {
    }
    return outcome ? std::move(*outcome) : error{errc::internal, "the loop stopped", ""};
  }

 private:
  static pg::endpoint sign_in_of(const test::local_topology& running) {
    pg::endpoint made;
    made.database = "meridian";
    made.user = "meridian_service";
    made.password = running.password_of("meridian_service");
    return made;
  }

  topology::topology world_;
  boost::asio::io_context loop_{1};
  reminder_nodes nodes_;
  reminder_store store_;
};

class reminder_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"reminders"});
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  void SetUp() override { world->connect("reminders-americas").text("DELETE FROM reminder"); }

  static deadline soon() { return deadline::in(8s); }

  static std::int64_t new_id() {
    static std::int64_t last = 1'000'000;
    return ++last;
  }

  static new_reminder wish(std::int64_t profile_id, timestamp at, const std::string& key = "") {
    new_reminder made;
    made.profile_id = profile_id;
    made.created_by = profile_id;
    made.creation_key = key.empty() ? fmt::format("key {}", new_id()) : key;
    made.text = "water the plants";
    made.notify_at = at;
    return made;
  }

  reminder created(view& from, new_reminder what, log_position* position = nullptr) {
    auto made = from.run(from.store().create(new_id(), std::move(what), 1000, soon()));
    EXPECT_TRUE(made) << to_string(made.error());
    if (position != nullptr) {
      *position = made->position;
    }
    return made->value.value();
  }

  reminder found(view& from, std::int64_t id, std::int64_t reader) {
    auto told = from.run(from.store().find(id, reader, 0, soon()));
    EXPECT_TRUE(told) << to_string(told.error());
    return told->value.value_or(reminder{});
  }

  std::vector<std::int64_t> ids_of(const std::vector<claimed>& all) {
    std::vector<std::int64_t> ids;
    for (const auto& one : all) {
      ids.push_back(one.it.id);
    }
    return ids;
  }

  std::vector<claimed> claim(view& from, claim_terms terms = {}) {
    auto taken = from.run(from.store().claim(terms, soon()));
    EXPECT_TRUE(taken) << to_string(taken.error());
    return taken ? *taken : std::vector<claimed>();
  }

  result<void> confirm(view& from, const claimed& one) {
    return from.run(from.store().confirm({confirmation{one.it.id, false}}, one.lease, soon()));
  }

  static inline std::unique_ptr<test::local_topology> world;
};

TEST_F(reminder_pgtest, every_statement_fits_the_schema_and_somebody_runs_it) {
  std::string sources;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(MERIDIAN_SOURCE_DIR) / "src/reminders")) {
    sources += entry.path().extension() == ".cpp" ? test::read_text(entry.path()) : "";
  }
  auto node = world->connect("reminders-americas", "meridian_service");
  for (const auto* query : queries::all) {
    EXPECT_EQ(node.refusal(fmt::format("PREPARE {} AS {}", query->name, query->text)), "") << query->name;
    EXPECT_TRUE(std::regex_search(sources, std::regex(fmt::format("queries::{}\\b", query->name)))) << query->name;
  }
}

// The token covers the commit: a replica that has come so far has the row. (A position from inside the statement, or a
// check behind the read's snapshot, fails here.)
TEST_F(reminder_pgtest, what_one_wrote_is_in_the_next_read_from_every_region) {
  view here(*world, "americas");
  for (const std::string region : {"europe", "asia"}) {
    view there(*world, region);
    int from_replica = 0;
    for (int n = 0; n < 300; ++n) {
      if (n % 20 == 0) {  // no process serves here; without a beat a slow run's replicas seem old
        here.run(here.store().beat(soon())).value();
      }
      log_position position = 0;
      const auto made = created(here, wish(5, now() + 1h), &position);
      auto told = there.run(there.store().find(made.id, 5, position, soon()));
      ASSERT_TRUE(told) << to_string(told.error());
      ASSERT_TRUE(told->value) << "stale read number " << n << " from " << told->from.node;
      EXPECT_GE(told->from.position, position);
      from_replica += told->from.node == "reminders-" + region ? 1 : 0;
    }
    EXPECT_GE(from_replica, 250) << "too many reads left the region " << region;
  }
}

TEST_F(reminder_pgtest, a_replica_that_lags_lets_the_primary_answer_and_says_how_old_it_is) {
  view here(*world, "americas");
  view there(*world, "asia", node_settings{.catch_up_time_max = 50ms, .staleness_max = 1h});
  world->connect("reminders-asia").text("SELECT pg_wal_replay_pause()");
  log_position position = 0;
  const auto made = created(here, wish(5, now() + 1h), &position);
  auto told = there.run(there.store().find(made.id, 5, position, soon()));
  ASSERT_TRUE(told && told->value);
  EXPECT_EQ(told->from.node, "reminders-americas");
  EXPECT_EQ(told->from.staleness, 0ms);
  world->connect("reminders-americas").text("UPDATE meridian.reminder_beat SET beat_at = clock_timestamp()");
  auto old = there.run(there.store().find(made.id, 5, 0, soon()));
  ASSERT_TRUE(old);
  EXPECT_FALSE(old->value) << "the replica does not have it yet";
  EXPECT_EQ(old->from.node, "reminders-asia");
  EXPECT_GT(old->from.staleness, 0ms);
  world->connect("reminders-asia").text("SELECT pg_wal_replay_resume()");
  world->expect_soon("reminders-asia", fmt::format("SELECT count(*) FROM reminder WHERE id = {}", made.id), "1");
  world->connect("reminders-americas").text("UPDATE meridian.reminder_beat SET beat_at = clock_timestamp()");
  world->expect_soon(
      "reminders-asia", "SELECT beat_at > clock_timestamp() - interval '2 seconds' FROM meridian.reminder_beat", "t"
  );
  auto fresh = there.run(there.store().find(made.id, 5, 0, soon()));
  ASSERT_TRUE(fresh && fresh->value);
  EXPECT_EQ(fresh->from.staleness, 0ms) << "caught up";
}

TEST_F(reminder_pgtest, a_repeat_by_its_key_is_the_first_one_and_is_written_down) {
  view here(*world, "americas");
  log_position first = 0;
  log_position second = 0;
  const auto made = created(here, wish(5, now() + 1h, "k1"), &first);
  auto again = wish(5, now() + 2h, "k1");
  again.text = "something else";
  const auto repeat = created(here, again, &second);
  EXPECT_EQ(repeat.id, made.id);
  EXPECT_EQ(repeat.text, "water the plants");
  EXPECT_EQ(repeat.version, made.version);
  EXPECT_GT(second, first) << "a repeat that writes nothing is acknowledged before the first one is on a replica";
  EXPECT_NE(created(here, wish(6, now() + 1h, "k1")).id, made.id) << "keys are the maker's own";
}

TEST_F(reminder_pgtest, nobody_has_more_open_ones_than_the_limit) {
  view here(*world, "americas");
  const auto made = created(here, wish(5, now() + 1h, "k"));
  created(here, wish(5, now() + 1h));
  const auto refused = here.run(here.store().create(new_id(), wish(5, now() + 1h), 2, soon()));
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->value);
  const auto repeat = here.run(here.store().create(new_id(), wish(5, now() + 1h, "k"), 2, soon()));
  ASSERT_TRUE(repeat && repeat->value) << "a repeat is no new one";
  EXPECT_EQ(repeat->value->id, made.id);
  ASSERT_TRUE(here.run(here.store().complete(made.id, 5, soon())));
  const auto after = here.run(here.store().create(new_id(), wish(5, now() + 1h), 2, soon()));
  EXPECT_TRUE(after && after->value);
}

TEST_F(reminder_pgtest, only_its_person_and_its_maker_know_of_it) {
  view here(*world, "americas");
  auto what = wish(5, now() + 1h);
  what.created_by = 8;
  const auto made = created(here, what);
  EXPECT_EQ(found(here, made.id, 5).id, made.id);
  EXPECT_EQ(found(here, made.id, 8).created_by, 8);
  EXPECT_EQ(found(here, made.id, 9).id, 0);
  reminder_change change;
  change.text = "new";
  EXPECT_EQ(here.run(here.store().update(made.id, 9, change, soon())).error().code, errc::not_found);
  EXPECT_EQ(here.run(here.store().complete(made.id, 8, soon())).error().code, errc::not_found) << "the maker";
  EXPECT_EQ(here.run(here.store().snooze(made.id, 8, now() + 2h, soon())).error().code, errc::not_found);
  EXPECT_EQ(here.run(here.store().remove(made.id, 9, soon())).error().code, errc::not_found);
  EXPECT_EQ(here.run(here.store().update(made.id, 8, change, soon())).value().value.text, "new");
  const auto lists = [&](std::int64_t who, bool for_others) {
    list_part part;
    part.states = {reminder_state::scheduled};
    part.made_for_others = for_others;
    return here.run(here.store().list(who, part, 0, soon())).value().value.items.size();
  };
  EXPECT_EQ(lists(5, false), 1U);
  EXPECT_EQ(lists(8, false), 0U);
  EXPECT_EQ(lists(8, true), 1U);
  EXPECT_TRUE(here.run(here.store().remove(made.id, 5, soon())));
  EXPECT_TRUE(here.run(here.store().remove(made.id, 5, soon()))) << "a repeat";
  EXPECT_EQ(found(here, made.id, 5).id, 0);
  EXPECT_EQ(here.run(here.store().complete(made.id, 5, soon())).error().code, errc::not_found);
}

TEST_F(reminder_pgtest, a_change_at_another_version_is_stale) {
  view here(*world, "americas");
  const auto made = created(here, wish(5, now() + 1h));
  reminder_change change;
  change.expected_version = made.version;
  change.notify_at = now() + 3h;
  const auto changed = here.run(here.store().update(made.id, 5, change, soon()));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->value.version, made.version + 1);
  EXPECT_EQ(changed->value.notify_at, *change.notify_at);
  EXPECT_EQ(here.run(here.store().update(made.id, 5, change, soon())).error().code, errc::stale);
}

TEST_F(reminder_pgtest, lists_go_by_time_and_page) {
  view here(*world, "americas");
  std::vector<std::int64_t> expected;
  for (int n = 0; n < 5; ++n) {
    expected.push_back(created(here, wish(5, now() + std::chrono::hours(n / 2 + 1))).id);
  }
  std::ranges::sort(expected);
  std::vector<std::int64_t> got;
  list_part part;
  part.states = {reminder_state::scheduled, reminder_state::due};
  part.limit = 2;
  for (bool more = true; more;) {
    const auto page = here.run(here.store().list(5, part, 0, soon())).value().value;
    for (const auto& one : page.items) {
      got.push_back(one.id);
    }
    more = page.has_more;
    part.behind_at = page.items.back().notify_at;
    part.behind_id = page.items.back().id;
  }
  EXPECT_EQ(got, expected);
}

TEST_F(reminder_pgtest, what_is_due_is_one_claimers_until_its_lease_ends) {
  view one(*world, "americas");
  view other(*world, "europe");
  const auto early = created(one, wish(5, now() - 2s));
  created(one, wish(5, now() + 1h));
  const auto taken = claim(one, {.count_max = 10, .lease = 700ms, .late_after = 1h});
  ASSERT_THAT(ids_of(taken), ElementsAre(early.id));
  EXPECT_EQ(taken[0].it.state, reminder_state::due);
  EXPECT_FALSE(taken[0].it.is_late);
  EXPECT_GT(taken[0].position, 0);
  EXPECT_THAT(claim(other), IsEmpty());
  world->expect_soon("reminders-americas", "SELECT lease_until < now() FROM reminder WHERE state = 'due'", "t");
  const auto again = claim(other, {.count_max = 10, .lease = 15s, .late_after = 1s});
  ASSERT_THAT(ids_of(again), ElementsAre(early.id)) << "the first claimer crashed";
  EXPECT_TRUE(again[0].it.is_late);
  EXPECT_EQ(again[0].it.version, taken[0].it.version);
  ASSERT_TRUE(confirm(one, taken[0])) << "and comes back to life";
  EXPECT_EQ(world->sql("reminders-americas", "SELECT lease_until IS NOT NULL FROM reminder WHERE state = 'due'"), "t")
      << "a confirmation under a lease that was taken over counts";
  ASSERT_TRUE(confirm(other, again[0]));
  EXPECT_EQ(world->sql("reminders-americas", "SELECT count(*) FROM reminder WHERE lease_until IS NOT NULL"), "0");
  EXPECT_THAT(claim(one), IsEmpty());
  EXPECT_EQ(found(one, early.id, 5).state, reminder_state::due) << "until its person has seen it";
}

TEST_F(reminder_pgtest, two_claimers_share_and_never_take_the_same) {
  view one(*world, "americas");
  view other(*world, "europe");
  world->connect("reminders-americas")
      .text("INSERT INTO reminder (profile_id, notify_at) SELECT 5, now() - interval '1 s' FROM generate_series(1, 400)"
      );
  auto blocked = world->connect("reminders-americas");
  blocked.text("BEGIN");
  blocked.text("SELECT count(*) FROM (SELECT FROM reminder ORDER BY id LIMIT 100 FOR UPDATE) held");
  const auto mine = claim(one, {.count_max = 200});
  EXPECT_EQ(mine.size(), 200U) << "waits for nobody's rows";
  const auto theirs = claim(other, {.count_max = 200});
  EXPECT_EQ(theirs.size(), 100U);
  blocked.text("ROLLBACK");
  EXPECT_EQ(claim(one, {.count_max = 1000}).size(), 100U);
  std::set<std::int64_t> all;
  for (const auto id : ids_of(mine)) {
    all.insert(id);
  }
  for (const auto id : ids_of(theirs)) {
    EXPECT_TRUE(all.insert(id).second);
  }
}

TEST_F(reminder_pgtest, a_series_leaves_each_occurrence_once) {
  view one(*world, "americas");
  auto what = wish(5, now() - 5s);
  what.recurrence = "FREQ=DAILY";
  const auto series = created(one, what);
  const auto taken = claim(one);
  ASSERT_THAT(ids_of(taken), ElementsAre(series.id));
  EXPECT_EQ(taken[0].it.state, reminder_state::scheduled);
  const auto next = series.notify_at + std::chrono::days(1);
  const std::vector<firing> firings{{series.id, next, new_id()}};
  const auto fired = one.run(one.store().fire(firings, taken[0].lease, soon()));
  ASSERT_TRUE(fired) << to_string(fired.error());
  ASSERT_EQ(fired->size(), 1U);
  EXPECT_EQ((*fired)[0].it.series_id, series.id);
  EXPECT_EQ((*fired)[0].it.notify_at, series.notify_at);
  EXPECT_EQ((*fired)[0].it.state, reminder_state::due);
  EXPECT_EQ(found(one, series.id, 5).notify_at, next);
  const std::vector<firing> twice{{series.id, next, new_id()}};
  EXPECT_THAT(one.run(one.store().fire(twice, taken[0].lease, soon())).value(), IsEmpty());
  EXPECT_EQ(world->sql("reminders-americas", "SELECT count(*) FROM reminder"), "2");
  EXPECT_EQ(one.run(one.store().snooze(series.id, 5, now() + 1h, soon())).error().code, errc::conflict) << "a series";
  const auto snoozed = one.run(one.store().snooze((*fired)[0].it.id, 5, now() + 1h, soon()));
  ASSERT_TRUE(snoozed);
  EXPECT_EQ(snoozed->value.state, reminder_state::scheduled);
  ASSERT_TRUE(confirm(one, (*fired)[0]));
  EXPECT_EQ(found(one, snoozed->value.id, 5).state, reminder_state::scheduled) << "it was snoozed before the word came";
}

TEST_F(reminder_pgtest, rows_of_plain_sql_are_delivered_like_others) {
  world->connect("reminders-americas", "meridian_adhoc")
      .text("INSERT INTO Reminder (profile_id, message_id, notify_at) VALUES (5, 1, now() - interval '1 second')");
  view one(*world, "asia");
  const auto taken = claim(one);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].it.created_by, 5);
  EXPECT_TRUE(one.run(one.store().complete(taken[0].it.id, 5, soon())));
  ASSERT_TRUE(confirm(one, taken[0]));
  EXPECT_EQ(found(one, taken[0].it.id, 5).state, reminder_state::completed);
}

TEST_F(reminder_pgtest, the_beat_tells_where_the_primary_is) {
  view one(*world, "asia");
  EXPECT_EQ(one.run(one.store().beat(soon())).value(), "americas");
  EXPECT_TRUE(one.run(one.store().forget(soon())));
}

}  // namespace
}  // namespace meridian::reminders
