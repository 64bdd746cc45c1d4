// A pool on a node that is well.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/ordered_pool.hpp"
#include "runtime/deadline.hpp"
#include "support/event_loop.hpp"
#include "support/local_topology.hpp"

namespace meridian::pg {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::HasSubstr;
using clock = deadline::clock;

class pool_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"reminders"});
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  static endpoint node(const std::string& name) {
    return world->endpoint(name, "meridian_admin", world->password_of("meridian_admin"));
  }

  // To the primary, over so many connections.
  static pool_settings settings(std::size_t connections = 1) {
    pool_settings chosen;
    chosen.nodes = {node("reminders-americas")};
    chosen.connections = connections;
    return chosen;
  }

  static test::session admin() { return world->connect("reminders-americas"); }

  static task<void> both(ordered_pool& all, const statement& put, const statement& count, std::int64_t n) {
    MERIDIAN_CO_TRY(
        const auto told, co_await all.run_in_order(put, arguments(n), count, arguments(n), deadline::in(5s))
    );
    if (told.second[0].get<std::int64_t>(0) != 1) {
      co_return error{errc::internal, "the second went first", ""};
    }
    co_return result<void>();
  }

  static std::unique_ptr<test::local_topology> world;
  test::event_loop lane;
};

std::unique_ptr<test::local_topology> pool_pgtest::world;

const statement echo{"echo", "SELECT $1::bigint"};
const statement nap{"nap", "SELECT $1::bigint, pg_sleep($2)"};

TEST_F(pool_pgtest, every_type_comes_back) {
  pool all(lane.executor(), settings());
  const statement types{
      "types",
      "SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6 AS f, $7 AS g, $8 AS h, $9 AS i, $10 AS j, $11 AS k,"
      "       '{\"a\": 1}'::jsonb, '{}'::json, 'x'::varchar(3), 'y'::name, 7::smallint, 0.5::real, now()::timestamp"
  };
  const timestamp when = std::chrono::sys_days(std::chrono::year(2026) / 2 / 28) + 123456us;
  const std::vector<std::optional<std::string>> texts{"a", std::nullopt, "", "ü,{}\""};
  arguments with(
      true, std::int32_t{-1}, std::int64_t{1} << 62, 0.1, "Grüße", when, bytes{"\0\xff"s}, std::optional<std::int64_t>()
  );
  with.add(std::vector<std::int64_t>{1, -1}).add(texts).add(std::vector<bool>());
  const auto got = lane.run(all.run(types, with, deadline::in(5s)));
  ASSERT_TRUE(got) << got.error().message;
  const auto row = (*got)[0];
  EXPECT_TRUE(row.get<bool>(0));
  EXPECT_EQ(row.get<std::int32_t>(1), -1);
  EXPECT_EQ(row.get<std::int64_t>(1), -1) << "widened";
  EXPECT_EQ(row.get<std::int64_t>(2), std::int64_t{1} << 62);
  EXPECT_EQ(row.get<double>(3), 0.1);
  EXPECT_EQ(row.get<std::string>(4), "Grüße");
  EXPECT_EQ(row.get<std::string_view>(4), "Grüße");
  EXPECT_EQ(row.get<timestamp>(5), when);
  EXPECT_EQ(row.get<bytes>(6), bytes{"\0\xff"s});
  EXPECT_EQ(row.get<std::optional<std::int64_t>>(7), std::nullopt);
  EXPECT_EQ(row.get<std::optional<std::int64_t>>(2), std::int64_t{1} << 62);
  EXPECT_EQ(row.get<std::vector<std::int64_t>>(8), (std::vector<std::int64_t>{1, -1}));
  EXPECT_EQ(row.get<std::vector<std::optional<std::string>>>(9), texts);
  EXPECT_EQ(row.get<std::vector<bool>>(10), std::vector<bool>());
  EXPECT_EQ(row.get<std::string>(11), "{\"a\": 1}");
  EXPECT_EQ(row.get<std::string>(12), "{}");
  EXPECT_EQ(row.get<std::string>(13) + row.get<std::string>(14), "xy");
  EXPECT_EQ(row.get<std::int32_t>(15), 7);
  EXPECT_EQ(row.get<double>(16), 0.5);
  EXPECT_GT(row.get<timestamp>(17), when);
}

TEST_F(pool_pgtest, a_column_of_another_type_is_a_bug_that_names_it) {
  pool all(lane.executor(), settings());
  const statement mixed{"mixed", "SELECT 1::bigint AS big, NULL::text AS missing, 'word'::text AS word"};
  const auto got = lane.run(all.run(mixed, arguments(), deadline::in(5s)));
  ASSERT_TRUE(got) << got.error().message;
  const auto complaint_of = [](const auto& read) -> std::string {
    try {
      read();
    } catch (const std::logic_error& complaint) {
      return complaint.what();
    }
    return "";
  };
  const auto row = (*got)[0];
  EXPECT_THAT(complaint_of([&] { row.get<std::int32_t>(0); }), HasSubstr("big"));
  EXPECT_THAT(complaint_of([&] { row.get<std::string>(1); }), HasSubstr("missing is null"));
  EXPECT_THAT(complaint_of([&] { row.get<std::int64_t>(2); }), HasSubstr("word"));
  EXPECT_THAT(complaint_of([&] { row.get<std::vector<std::string>>(2); }), HasSubstr("word"));
  EXPECT_THAT(complaint_of([&] { row.get<std::optional<bool>>(3); }), HasSubstr("no column 3"));
}

TEST_F(pool_pgtest, a_megabyte_goes_there_and_back) {
  pool all(lane.executor(), settings());
  const statement twice{"twice", "SELECT $1 || $1"};
  const std::string text(1 << 20, 'x');
  const auto got = lane.run(all.run(twice, arguments(text), deadline::in(10s)));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ((*got)[0].get<std::string_view>(0), text + text);
}

// More than the socket takes at once, both ways.
task<void> exchange(pool& all, const statement& what, const std::string& text, std::size_t& answered) {
  MERIDIAN_CO_TRY(const auto got, co_await all.run(what, arguments(text), deadline::in(20s)));
  answered += got[0].get<std::string_view>(0) == text ? 1 : 0;
  co_return result<void>();
}

TEST_F(pool_pgtest, many_megabytes_at_once_do_not_wait_for_each_other) {
  pool all(lane.executor(), settings());
  const statement same{"same", "SELECT $1"};
  const std::string text(1 << 20, 'x');
  std::size_t answered = 0;
  std::vector<task<void>> exchanges;
  for (int i = 0; i < 40; ++i) {
    exchanges.push_back(exchange(all, same, text, answered));
  }
  EXPECT_TRUE(lane.run(meridian::all(std::move(exchanges))));
  EXPECT_EQ(answered, 40U);
}

task<void> ask(pool& all, std::int64_t number, std::vector<std::int64_t>& order) {
  MERIDIAN_CO_TRY(const auto got, co_await all.run(echo, arguments(number), deadline::in(20s)));
  EXPECT_EQ(got[0].get<std::int64_t>(0), number);
  order.push_back(number);
  co_return result<void>();
}

TEST_F(pool_pgtest, a_thousand_coroutines_share_a_connection_in_order) {
  pool all(lane.executor(), settings());
  std::vector<std::int64_t> order;
  std::vector<std::int64_t> expected;
  std::vector<task<void>> questions;
  for (std::int64_t i = 0; i < 1000; ++i) {
    questions.push_back(ask(all, i, order));
    expected.push_back(i);
  }
  EXPECT_TRUE(lane.run(meridian::all(std::move(questions))));
  EXPECT_EQ(order, expected);
  EXPECT_EQ(all.observe().statements, 1000U);
  EXPECT_LT(all.observe().round_trips, 10U);
  EXPECT_EQ(all.observe().connects, 1U);
  EXPECT_EQ(all.observe().in_flight, 0U);
}

TEST_F(pool_pgtest, more_than_fit_on_the_way_all_come_through) {
  pool all(lane.executor(), settings(2));
  std::vector<std::int64_t> order;
  std::vector<task<void>> questions;
  for (std::int64_t i = 0; i < 1000; ++i) {  // `all` takes no more at a time
    questions.push_back(ask(all, i, order));
  }
  std::vector<task<void>> groups;
  groups.push_back(meridian::all(std::move(questions)));
  std::vector<task<void>> others;
  for (std::int64_t i = 1000; i < 2000; ++i) {
    others.push_back(ask(all, i, order));
  }
  groups.push_back(meridian::all(std::move(others)));
  EXPECT_TRUE(lane.run(meridian::all(std::move(groups))));
  EXPECT_EQ(order.size(), 2000U);
}

task<void> expect_end(pool& all, const statement& what, arguments with, errc expected) {
  const auto got = co_await all.run(what, std::move(with), deadline::in(5s));
  EXPECT_FALSE(got) << what.name;
  EXPECT_EQ(got ? errc::internal : got.error().code, expected) << what.name;
  co_return result<void>();
}

TEST_F(pool_pgtest, a_failure_in_the_pipeline_leaves_its_neighbours_alone) {
  pool all(lane.executor(), settings());
  admin().text("CREATE TABLE IF NOT EXISTS pool_unique (id bigint PRIMARY KEY)");
  const statement insert{"insert", "INSERT INTO pool_unique VALUES ($1)"};
  const statement divide{"divide", "SELECT 1 / $1::int"};
  const statement nonsense{"nonsense", "SELECT FROM WHERE"};
  std::vector<std::int64_t> order;
  std::vector<task<void>> together;
  const auto inserted = lane.run(all.run(insert, arguments(std::int64_t{1}), deadline::in(5s)));
  ASSERT_TRUE(inserted) << inserted.error().message;
  EXPECT_EQ(inserted->affected(), 1);
  for (std::int64_t i = 0; i < 10; ++i) {
    together.push_back(ask(all, i, order));
    together.push_back(expect_end(all, divide, arguments(std::int32_t{0}), errc::invalid_argument));
    together.push_back(expect_end(all, nonsense, arguments(), errc::internal));
    together.push_back(expect_end(all, insert, arguments(std::int64_t{1}), errc::conflict));
  }
  EXPECT_TRUE(lane.run(meridian::all(std::move(together))));
  EXPECT_EQ(order.size(), 10U);
  EXPECT_EQ(all.observe().connects, 1U);
}

TEST_F(pool_pgtest, a_statement_that_could_not_be_prepared_is_tried_anew) {
  pool all(lane.executor(), settings());
  const statement read{"read", "SELECT count(*) FROM pool_later"};
  lane.run(expect_end(all, read, arguments(), errc::unprepared)).value();
  admin().text("CREATE TABLE pool_later (id bigint)");
  const auto got = lane.run(all.run(read, arguments(), deadline::in(5s)));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ((*got)[0].get<std::int64_t>(0), 0);
}

TEST_F(pool_pgtest, a_table_that_changes_is_noticed_and_the_statement_prepared_anew) {
  pool all(lane.executor(), settings());
  const statement read{"read_all", "SELECT * FROM pool_changing"};
  admin().text("CREATE TABLE pool_changing (id bigint)");
  EXPECT_EQ(lane.run(all.run(read, arguments(), deadline::in(5s))).value().columns(), 1);
  for (int columns = 2; columns < 5; ++columns) {
    admin().text(fmt::format("ALTER TABLE pool_changing ADD COLUMN c{} text", columns));
    const auto got = lane.run(all.run(read, arguments(), deadline::in(5s)));
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->columns(), columns);
  }
  EXPECT_EQ(all.observe().connects, 1U);
}

TEST_F(pool_pgtest, arguments_of_other_types_are_refused) {
  pool all(lane.executor(), settings());
  EXPECT_TRUE(lane.run(all.run(echo, arguments(std::int64_t{1}), deadline::in(5s))));
  const auto got = lane.run(all.run(echo, arguments(std::int32_t{1}), deadline::in(5s)));
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, HasSubstr("echo was prepared"));
  EXPECT_TRUE(lane.run(all.run(echo, arguments(std::int64_t{1}), deadline::in(5s))));
}

task<void> take_a_nap(pool& all, double seconds, std::chrono::milliseconds longest, errc& ended) {
  const std::int64_t number = 1;
  const auto got = co_await all.run(nap, arguments(number, seconds), deadline::in(longest));
  ended = got ? errc::internal : got.error().code;
  co_return result<void>();
}

TEST_F(pool_pgtest, a_slow_statement_is_cancelled_and_those_behind_it_go_on) {
  pool all(lane.executor(), settings());
  errc ended = errc::internal;
  std::vector<std::int64_t> order;
  std::vector<task<void>> together;
  const auto begin = clock::now();
  together.push_back(take_a_nap(all, 30.0, 300ms, ended));
  for (std::int64_t i = 0; i < 100; ++i) {
    together.push_back(ask(all, i, order));
  }
  EXPECT_TRUE(lane.run(meridian::all(std::move(together))));
  EXPECT_EQ(ended, errc::timed_out);
  EXPECT_EQ(order.size(), 100U);
  EXPECT_LT(clock::now() - begin, 2s);
  EXPECT_EQ(all.observe().connects, 1U) << "the connection was kept";
  EXPECT_EQ(
      admin().text("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep'"), "0"
  );
}

TEST_F(pool_pgtest, overdue_statements_in_a_row_are_cancelled_one_after_the_other) {
  pool all(lane.executor(), settings());
  std::array<errc, 3> ended{};
  std::vector<std::int64_t> order;
  std::vector<task<void>> together;
  const auto begin = clock::now();
  for (auto& one : ended) {
    together.push_back(take_a_nap(all, 30.0, 300ms, one));
  }
  together.push_back(ask(all, 1, order));
  EXPECT_TRUE(lane.run(meridian::all(std::move(together))));
  EXPECT_THAT(ended, testing::Each(errc::timed_out));
  EXPECT_EQ(order.size(), 1U);
  EXPECT_LT(clock::now() - begin, 3s);
  EXPECT_FALSE(all.observe().is_open);
}

TEST_F(pool_pgtest, the_newest_is_refused_where_too_many_wait) {
  auto chosen = settings();
  chosen.in_flight_max = 10;
  pool all(lane.executor(), chosen);
  std::vector<std::int64_t> order;
  std::vector<task<void>> together;
  for (std::int64_t i = 0; i < 10; ++i) {
    together.push_back(ask(all, i, order));
  }
  together.push_back(expect_end(all, echo, arguments(std::int64_t{11}), errc::overloaded));
  EXPECT_TRUE(lane.run(meridian::all(std::move(together))));
  EXPECT_EQ(order.size(), 10U);
  EXPECT_TRUE(lane.run(all.run(echo, arguments(std::int64_t{12}), deadline::in(5s))));
}

// Fails so many times with that SQLSTATE before it answers; a sequence is not rolled back.
statement flaky(const std::string& name, const std::string& sqlstate, int failures, test::session session) {
  session.text(fmt::format("CREATE SEQUENCE {}_tried", name));
  session.text(fmt::format(
      "CREATE FUNCTION {0}() RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE tried bigint = nextval('{0}_tried'); BEGIN"
      "  IF tried <= {1} THEN RAISE EXCEPTION 'not yet' USING ERRCODE = '{2}'; END IF; RETURN tried; END $$",
      name, failures, sqlstate
  ));
  return {name, fmt::format("SELECT {}()", name)};
}

TEST_F(pool_pgtest, serialization_failures_and_deadlocks_are_tried_again) {
  pool all(lane.executor(), settings());
  for (const std::string sqlstate : {"40001", "40P01"}) {
    const auto what = flaky("flaky_" + std::string(sqlstate == "40001" ? "a" : "b"), sqlstate, 5, admin());
    const auto got = lane.run(all.run(what, arguments(), deadline::in(5s), repeat::unsafe));
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ((*got)[0].get<std::int64_t>(0), 6);
  }
  EXPECT_EQ(all.observe().retries, 10U);
  lane.run(expect_end(all, flaky("flaky_c", "40001", 6, admin()), arguments(), errc::retry)).value();
}

TEST_F(pool_pgtest, a_lost_connection_is_made_good_where_that_is_safe) {
  pool all(lane.executor(), settings());
  const statement suicide{
      "suicide", "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(1), nextval('pool_suicides')"
  };
  const statement once{
      "once", "SELECT CASE WHEN nextval('pool_once') = 1 THEN pg_terminate_backend(pg_backend_pid()) END, pg_sleep(0.2)"
  };
  admin().text("CREATE SEQUENCE pool_once");
  admin().text("CREATE SEQUENCE pool_suicides");
  EXPECT_TRUE(lane.run(all.run(once, arguments(), deadline::in(5s), repeat::safe)));
  EXPECT_EQ(all.observe().connects, 2U);
  const auto got = lane.run(all.run(suicide, arguments(), deadline::in(5s), repeat::unsafe));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::unavailable);
  std::vector<std::int64_t> order;
  EXPECT_TRUE(lane.run(ask(all, 1, order)));
}

task<void> note_time(pool& all, clock::time_point begin, clock::duration& took) {
  const std::int64_t number = 1;
  MERIDIAN_CO_TRY(const auto got, co_await all.run(echo, arguments(number), deadline::in(20s)));
  took = clock::now() - begin;
  co_return result<void>();
}

TEST_F(pool_pgtest, statements_go_to_the_connection_with_the_fewest_in_flight) {
  pool all(lane.executor(), settings(2));
  clock::duration took{};
  EXPECT_TRUE(lane.run(note_time(all, clock::now(), took)));
  EXPECT_TRUE(lane.run(pause(300ms)));
  ASSERT_EQ(all.observe().connections_open, 2U);
  errc ended = errc::conflict;
  std::vector<task<void>> together;
  together.push_back(take_a_nap(all, 1.0, 5s, ended));
  together.push_back(note_time(all, clock::now(), took));
  EXPECT_TRUE(lane.run(meridian::all(std::move(together))));
  EXPECT_EQ(ended, errc::internal) << "it was answered";
  EXPECT_LT(took, 900ms);
}

TEST_F(pool_pgtest, stop_waits_for_what_runs_and_takes_nothing_new) {
  pool all(lane.executor(), settings());
  errc ended = errc::conflict;
  lane.begin(take_a_nap(all, 0.5, 5s, ended));
  EXPECT_TRUE(lane.run(pause(200ms)));
  EXPECT_TRUE(lane.run(all.stop(deadline::in(5s))));
  EXPECT_EQ(ended, errc::internal) << "it was answered";
  EXPECT_EQ(all.observe().connections_open, 0U);
  lane.run(expect_end(all, echo, arguments(std::int64_t{1}), errc::unavailable)).value();
}

TEST_F(pool_pgtest, stop_cuts_short_what_takes_too_long) {
  pool all(lane.executor(), settings());
  errc ended = errc::conflict;
  lane.begin(take_a_nap(all, 30.0, 40s, ended));
  EXPECT_TRUE(lane.run(pause(200ms)));
  const auto begin = clock::now();
  const auto stopped = lane.run(all.stop(deadline::in(200ms)));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, errc::timed_out);
  EXPECT_LT(clock::now() - begin, 1s);
  EXPECT_EQ(ended, errc::unavailable);
}

TEST_F(pool_pgtest, a_pool_may_go_while_it_connects_or_before) {
  {
    const pool unused(lane.executor(), settings());
  }
  {
    pool all(lane.executor(), settings());
    lane.begin(expect_end(all, echo, arguments(std::int64_t{1}), errc::unavailable));
    EXPECT_TRUE(lane.run(pause(0ms)));
  }
  EXPECT_TRUE(lane.run(pause(100ms)));
}

TEST_F(pool_pgtest, a_standby_that_is_listed_first_is_passed_over) {
  auto chosen = settings();
  chosen.nodes = {node("reminders-europe"), node("reminders-americas")};
  pool all(lane.executor(), chosen);
  const statement where{"where", "SELECT pg_is_in_recovery(), current_setting('client_connection_check_interval')"};
  const auto got = lane.run(all.run(where, arguments(), deadline::in(5s)));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_FALSE((*got)[0].get<bool>(0));
  EXPECT_EQ((*got)[0].get<std::string>(1), "2s");
}

TEST_F(pool_pgtest, a_standby_is_enough_for_reads) {
  auto chosen = settings();
  chosen.nodes = {node("reminders-europe")};
  ordered_pool all(lane.executor(), chosen, access::reads_only);
  const statement where{"where", "SELECT pg_is_in_recovery()"};
  const auto got = lane.run(all.run(where, arguments(), deadline::in(5s)));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE((*got)[0].get<bool>(0));
}

// Also when there are other connections, and while others wait: the second sees what the first committed.
TEST_F(pool_pgtest, two_statements_in_order_are_one_behind_the_other) {
  admin().text("CREATE TABLE IF NOT EXISTS ordered (n bigint)");
  ordered_pool all(lane.executor(), settings(3));
  const statement put{"put", "INSERT INTO ordered VALUES ($1) RETURNING pg_current_xact_id()::text"};
  const statement count{"count", "SELECT count(*) FROM ordered WHERE n = $1"};
  std::vector<task<void>> work;
  const auto one = [&](std::int64_t n) -> task<void> { return both(all, put, count, n); };
  for (std::int64_t n = 0; n < 200; ++n) {
    work.push_back(one(n));
  }
  const auto ended = lane.run(meridian::all(std::move(work)));
  EXPECT_TRUE(ended) << ended.error().message;
  const statement wrong{"wrong", "SELECT 1 / $1"};
  const auto failed =
      lane.run(all.run_in_order(wrong, arguments(std::int64_t{0}), count, arguments(std::int64_t{0}), deadline::in(5s))
      );
  EXPECT_EQ(failed.error().code, errc::invalid_argument) << "they fail as one";
  admin().text("DROP TABLE ordered");
}

TEST_F(pool_pgtest, standbys_alone_are_not_enough) {
  auto chosen = settings();
  chosen.nodes = {node("reminders-europe"), node("reminders-asia")};
  pool all(lane.executor(), chosen);
  const auto begin = clock::now();
  const auto got = lane.run(all.run(echo, arguments(std::int64_t{1}), deadline::in(5s)));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::unavailable);
  EXPECT_THAT(got.error().message, HasSubstr("takes no writes"));
  EXPECT_LT(clock::now() - begin, 3s);
}

}  // namespace
}  // namespace meridian::pg
