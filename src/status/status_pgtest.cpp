// Statuses on two clusters that replicate: set, seen, announced, and taken elsewhere when the closest one fails.
#include <fstream>
#include <memory>
#include <regex>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "status/queries.hpp"
#include "status/status_service.hpp"
#include "status/status_watch.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"
#include "topology/topology_file.hpp"

namespace meridian::status {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Everybody below 100,000 works together; n and n + 1, n even, are one person.
class one_company final : public acquaintance {
 public:
  task<people> filter(identity::principal, std::vector<std::int64_t> ids, deadline) override {
    std::erase_if(ids, [](std::int64_t id) { return id >= 100'000; });
    co_return people{ids, ""};
  }
  task<people> list(identity::principal, deadline) override {
    people all;
    for (std::int64_t id = 1; id < 10'000; ++id) {
      all.ids.push_back(id);
    }
    co_return all;
  }
  task<bool> is_own(identity::principal who, std::int64_t id, deadline) override {
    co_return id / 2 == who.profile_id / 2;
  }
};

class one_channel final : public channel_members {
 public:
  task<member_page> list(identity::principal, std::int64_t, std::int64_t behind, std::size_t limit, deadline) override {
    member_page page;
    for (auto id = behind + 1; id <= 5 && page.profile_ids.size() < limit; ++id) {
      page.profile_ids.push_back(id);
    }
    page.next_behind = page.profile_ids.back() < 5 ? std::optional(page.profile_ids.back()) : std::nullopt;
    co_return page;
  }
};

class listener final : public bus::publisher {
 public:
  void publish(bus::event what) override {
    EXPECT_EQ(what.what, bus::event_kind::status);
    frames.push_back(std::move(what.frame));
  }
  std::vector<std::string> frames;
};

// A lane of a process in one region.
class status_lane {
 public:
  status_lane(const test::local_topology& running, const std::string& region)
      : world_(topology::read_topology(running.file()).value()),
        where(
            loop_.get_executor(), world_, *world_.find_deployment("status"), world_.region_named(region),
            sign_in_of(running)
        ),
        watch(loop_.get_executor(), where, store_, tell_) {}
  ~status_lane() {
    run(where.stop(deadline::in(5s)));
    loop_.run_for(50ms);
  }

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
    return outcome ? std::move(*outcome) : error{errc::internal, "the lane stopped", ""};
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

 public:
  clusters where;
  listener heard;

 private:
  status_store store_{where};
  announcer tell_{heard};
  one_company company_;
  one_channel channel_;

 public:
  status_service service{store_, company_, channel_, tell_};
  status_watch watch;
};

identity::principal as(std::int64_t profile_id) {
  identity::principal who;
  who.profile_id = profile_id;
  return who;
}

deadline soon() {
  return deadline::in(8s);
}

wish busy(const std::string& text = "") {
  wish made;
  made.word = "Busy";
  made.text = text;
  return made;
}

class status_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"status"});
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  setting set(std::int64_t id, const wish& what, status_lane& from) {
    const auto outcome = from.run(from.service.set(as(id), id, what, soon()));
    EXPECT_TRUE(outcome) << to_string(outcome.error());
    return outcome ? outcome->what : setting();
  }
  setting get(std::int64_t id, status_lane& from) {
    const auto outcome = from.run(from.service.get(as(id), id, soon()));
    EXPECT_TRUE(outcome) << to_string(outcome.error());
    return outcome ? outcome->what : setting();
  }
  void look() {
    const auto looked = europe.run(europe.watch.look());
    EXPECT_TRUE(looked) << to_string(looked.error());
  }

  static std::string europe_sql(const std::string& statement) { return world->sql("status-europe", statement); }

  static inline std::unique_ptr<test::local_topology> world;
  status_lane americas{*world, "americas"};
  status_lane europe{*world, "europe"};
  status_lane asia{*world, "asia"};
};

TEST_F(status_pgtest, statements_fit_the_schema_and_are_used) {
  auto node = world->connect("status-europe", "meridian_service");
  const auto source = test::read_text(std::filesystem::path(MERIDIAN_SOURCE_DIR) / "src/status/status_store.cpp");
  for (const auto* query : queries::all) {
    EXPECT_EQ(node.refusal(fmt::format("PREPARE {} AS {}", query->name, query->text)), "") << query->name;
    EXPECT_TRUE(std::regex_search(source, std::regex(fmt::format("queries::{}\\b", query->name)))) << query->name;
  }
}

TEST_F(status_pgtest, each_region_asks_its_closest_cluster) {
  EXPECT_EQ(americas.where.all().front()->name, "status-americas");
  EXPECT_EQ(europe.where.all().front()->name, "status-europe");
  EXPECT_EQ(asia.where.all().front()->name, "status-europe");
  const auto outcome = asia.run(asia.service.set(as(20), 20, busy(), soon()));
  ASSERT_TRUE(outcome) << to_string(outcome.error());
  EXPECT_EQ(outcome->from->name, "status-europe");
  world->expect_soon("status-americas", "SELECT status FROM Status WHERE profile_id = 20", "Busy");
}

TEST_F(status_pgtest, no_status_is_a_value_and_the_row_stays) {
  EXPECT_FALSE(get(30, europe).set_at);
  wish lunch = busy("Lunch");
  lunch.emoji = "🍝";
  const auto first = set(30, lunch, europe);
  EXPECT_EQ(first.word, "Busy");
  EXPECT_EQ(first.emoji, "🍝");
  const auto cleared = europe.run(europe.service.clear(as(30), 30, soon()));
  ASSERT_TRUE(cleared);
  const auto none = get(30, europe);
  EXPECT_FALSE(none.word);
  EXPECT_EQ(none.text, "");
  EXPECT_GT(none.set_at, first.set_at);
  EXPECT_EQ(europe_sql("SELECT count(*), count(status) FROM Status WHERE profile_id = 30"), "1|0");
}

TEST_F(status_pgtest, a_repeat_with_the_same_key_finds_what_the_first_one_set) {
  wish hour = busy("For an hour");
  hour.until.in_s = 3600;
  hour.key = "key 1";
  const auto first = set(32, hour, europe);
  hour.text = "Not this";
  const auto again = set(32, hour, europe);
  EXPECT_EQ(again.text, "For an hour");
  EXPECT_EQ(again.set_at, first.set_at);
  EXPECT_EQ(again.expires_at, first.expires_at);
  hour.key = "key 2";
  EXPECT_EQ(set(32, hour, europe).text, "Not this");
  europe_sql("UPDATE Status SET status = 'Active' WHERE profile_id = 32");
  EXPECT_EQ(set(32, hour, europe).text, "Not this") << "what psql set was not set by the key";
}

TEST_F(status_pgtest, a_time_of_day_is_the_next_one_in_its_zone) {
  for (const std::string zone : {"UTC", "Asia/Kolkata", "America/Los_Angeles"}) {
    for (const std::string time : {"00:00", "08:30", "17:00", "23:59"}) {
      wish made = busy();
      made.until.time_of_day = time;
      made.until.time_zone = zone;
      ASSERT_TRUE(set(34, made, europe).expires_at);
      EXPECT_EQ(
          europe_sql(fmt::format(
              "SELECT to_char(expires_at AT TIME ZONE '{}', 'HH24:MI'), expires_at > now(), "
              "expires_at <= now() + interval '25 hours' FROM Status WHERE profile_id = 34",
              zone
          )),
          time + "|t|t"
      );
    }
  }
  wish wrong = busy();
  wrong.until.time_of_day = "17:00";
  wrong.until.time_zone = "Mars/Olympus";
  const auto refused = europe.run(europe.service.set(as(34), 34, wrong, soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "time_zone");
}

TEST_F(status_pgtest, a_plain_update_drops_what_belonged_to_the_status_before) {
  wish long_one = busy("Until the evening");
  long_one.emoji = "📅";
  long_one.until.in_s = 3600;
  set(36, long_one, europe);
  europe_sql("UPDATE Status SET status = 'Busy' WHERE profile_id = 36");
  EXPECT_EQ(get(36, europe).text, "Until the evening") << "the same status again";
  europe_sql("UPDATE Status SET status = 'Active' WHERE profile_id = 36");
  const auto active = get(36, europe);
  EXPECT_EQ(active.word, "Active");
  EXPECT_EQ(active.text + active.emoji, "");
  EXPECT_FALSE(active.expires_at);
  europe_sql("UPDATE Status SET status = 'Busy', text = 'Said so' WHERE profile_id = 36");
  EXPECT_EQ(get(36, europe).text, "Said so");
  europe_sql("UPDATE Status SET expires_at = now() - interval '1 second', text = 'Over' WHERE profile_id = 36");
  EXPECT_FALSE(get(36, europe).word);
  europe_sql("UPDATE Status SET status = 'Busy' WHERE profile_id = 36");
  const auto anew = get(36, europe);
  EXPECT_EQ(anew.word, "Busy") << "what had expired does not end the new one";
  EXPECT_EQ(anew.text, "");
}

TEST_F(status_pgtest, a_pause_is_no_new_status_and_a_status_no_end_of_a_pause) {
  const auto before = set(38, busy("Deep work"), europe);
  ending hour;
  hour.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + 1h;
  for (int repeat = 0; repeat < 2; ++repeat) {
    const auto paused = europe.run(europe.service.pause(as(38), 38, hour, soon()));
    ASSERT_TRUE(paused) << to_string(paused.error());
    EXPECT_EQ(paused->what.paused_until, hour.at);
    EXPECT_EQ(paused->what.set_at, before.set_at);
    EXPECT_EQ(paused->what.text, "Deep work");
  }
  EXPECT_EQ(set(38, busy("Other work"), europe).paused_until, hour.at);
  const auto resumed = europe.run(europe.service.resume(as(38), 38, soon()));
  ASSERT_TRUE(resumed && resumed->what);
  EXPECT_FALSE(resumed->what->paused_until);
  EXPECT_EQ(resumed->what->text, "Other work");
  const auto again = europe.run(europe.service.resume(as(38), 38, soon()));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->what);
}

TEST_F(status_pgtest, only_ones_own_is_set_and_only_acquaintances_are_seen) {
  const auto refused = europe.run(europe.service.set(as(40), 42, busy(), soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_found);
  EXPECT_TRUE(europe.run(europe.service.set(as(40), 41, busy(), soon()))) << "another profile of the same person";
  EXPECT_TRUE(europe.run(europe.service.get(as(40), 42, soon())));
  const auto hidden = europe.run(europe.service.get(as(40), 100'000, soon()));
  ASSERT_FALSE(hidden);
  EXPECT_EQ(hidden.error().code, errc::not_found);
  set(43, busy("Here"), europe);
  const auto list = europe.run(europe.service.list(as(40), {43, 100'000, 44, 43, 41}, soon()));
  ASSERT_TRUE(list) << to_string(list.error());
  std::vector<std::string> seen;
  for (const auto& one : list->rows) {
    seen.push_back(fmt::format("{} {}", one.profile_id, one.word.value_or("none")));
  }
  EXPECT_THAT(seen, ElementsAre("43 Busy", "44 none", "41 Busy"));
  const auto page = europe.run(europe.service.list_of_channel(as(40), 1, 0, 3, soon()));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->list.rows.size(), 3U);
  EXPECT_EQ(page->next_behind, 3);
}

TEST_F(status_pgtest, changes_are_announced_once_wherever_they_were_made) {
  look();
  europe.heard.frames.clear();
  set(50, busy("By a request"), europe);
  EXPECT_EQ(europe.heard.frames.size(), 1U);
  look();
  EXPECT_EQ(europe.heard.frames.size(), 1U) << "told already";
  EXPECT_THAT(europe.heard.frames[0], HasSubstr(R"({"type":"status","profile_id":"50","status":"Busy",)"));
  europe_sql("INSERT INTO Status (profile_id, status) VALUES (52, 'Vacationing')");
  world->sql("status-americas", "INSERT INTO Status (profile_id, status) VALUES (54, 'Out Sick')");
  world->expect_soon("status-europe", "SELECT status FROM Status WHERE profile_id = 54", "Out Sick");
  look();
  EXPECT_EQ(europe.heard.frames.size(), 3U);
  EXPECT_THAT(europe.heard.frames, Contains(HasSubstr(R"("52","status":"Vacationing")")));
  EXPECT_THAT(europe.heard.frames, Contains(HasSubstr(R"("54","status":"Out Sick")")));
  world->sql("status-americas", "UPDATE Status SET status = 'Active' WHERE profile_id = 54");
  world->expect_soon("status-europe", "SELECT status FROM Status WHERE profile_id = 54", "Active");
  look();
  EXPECT_THAT(europe.heard.frames.back(), HasSubstr(R"("54","status":"Active")"));
}

// The reader's place is a transaction's number, not a time: what commits late is not overtaken.
TEST_F(status_pgtest, a_change_that_commits_late_is_announced_all_the_same) {
  look();
  auto slow = world->connect("status-europe", "meridian_adhoc");
  slow.text("BEGIN");
  slow.text("INSERT INTO Status (profile_id, status) VALUES (60, 'Busy')");
  europe_sql("INSERT INTO Status (profile_id, status) VALUES (61, 'Busy')");
  look();
  look();
  europe.heard.frames.clear();
  slow.text("COMMIT");
  look();
  EXPECT_THAT(europe.heard.frames, ElementsAre(HasSubstr(R"("profile_id":"60")")));
}

TEST_F(status_pgtest, more_changes_than_a_page_are_announced_all) {
  look();
  europe.heard.frames.clear();
  europe_sql("INSERT INTO Status (profile_id, status) SELECT n, 'Busy' FROM generate_series(20001, 21200) AS n");
  look();
  EXPECT_EQ(europe.heard.frames.size(), 1200U);
}

TEST_F(status_pgtest, what_expires_is_none_at_once_and_announced) {
  look();
  wish moment = busy("Back in a moment");
  moment.until.in_s = 3;
  set(70, moment, europe);
  look();
  europe.heard.frames.clear();
  EXPECT_EQ(get(70, europe).word, "Busy");
  EXPECT_TRUE(test::wait_until([&] { return !get(70, europe).word; }, 8s));
  look();
  ASSERT_THAT(europe.heard.frames, ElementsAre(HasSubstr(R"("profile_id":"70","status":null,"text":"")")));
  look();
  EXPECT_EQ(europe.heard.frames.size(), 1U);
}

TEST_F(status_pgtest, more_that_end_at_the_same_moment_than_a_page_are_announced_all) {
  europe_sql(
      "INSERT INTO Status (profile_id, status, expires_at) "
      "SELECT n, 'Busy', now() + interval '2 seconds' FROM generate_series(30001, 31200) AS n"
  );
  look();
  europe.heard.frames.clear();
  EXPECT_TRUE(test::wait_until([&] { return !get(31200, europe).word; }, 8s));
  look();
  EXPECT_EQ(europe.heard.frames.size(), 1200U);
  look();
  EXPECT_EQ(europe.heard.frames.size(), 1200U);
}

TEST_F(status_pgtest, settings_that_did_not_know_of_each_other_are_told_on_both_sides) {
  const auto way = [](const std::string& verb, const std::string& from, const std::string& to) {
    const auto ended = world->run({"replication", verb, "--from", from, "--to", to});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
  };
  way("pause", "status-americas", "status-europe");
  way("pause", "status-europe", "status-americas");
  set(80, busy("in America"), americas);
  wish later = busy("in Europe");
  later.word = "Out Sick";
  set(80, later, europe);
  way("resume", "status-americas", "status-europe");
  way("resume", "status-europe", "status-americas");
  world->expect_soon("status-americas", "SELECT text FROM Status WHERE profile_id = 80", "in Europe");
  for (auto* lane : {&americas, &europe}) {
    EXPECT_TRUE(test::wait_until([&] {
      const auto found = lane->run(lane->service.list_conflicts(as(80), 1LL << 62, 50, soon()));
      return found && !found->what.rows.empty() && found->what.rows.front().profile_id == 80;
    }));
    const auto found = lane->run(lane->service.list_conflicts(as(80), 1LL << 62, 50, soon()));
    ASSERT_TRUE(found) << to_string(found.error());
    const auto& first = found->what.rows.front();
    EXPECT_EQ(first.winner.cluster, "status-europe");
    EXPECT_EQ(first.winner.word, "Out Sick");
    EXPECT_EQ(first.loser.cluster, "status-americas");
    EXPECT_EQ(first.loser.text, "in America");
    EXPECT_LT(first.loser.set_at, first.winner.set_at);
  }
  set(80, busy("A succession"), americas);
  world->expect_soon("status-europe", "SELECT text FROM Status WHERE profile_id = 80", "A succession");
  EXPECT_EQ(europe_sql("SELECT count(*) FROM meridian.status_conflict WHERE profile_id = 80"), "1");
}

// A frozen node answers nobody and refuses nobody: the worst that can happen to it. What it had been sent before it was
// given up it must not do when it thaws.
TEST_F(status_pgtest, the_other_cluster_serves_while_the_closest_is_frozen) {
  set(90, busy("Before"), europe);
  world->expect_soon("status-americas", "SELECT text FROM Status WHERE profile_id = 90", "Before");
  world->freeze_node("status-europe");
  for (int count = 0; count < 4; ++count) {
    const auto begun = std::chrono::steady_clock::now();
    const auto outcome = europe.run(europe.service.set(as(90), 90, busy(fmt::format("During {}", count)), soon()));
    ASSERT_TRUE(outcome) << to_string(outcome.error());
    EXPECT_EQ(outcome->from->name, "status-americas");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
  }
  EXPECT_GE(europe.where.detours(), 4U);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(get(90, europe).text, "During 3");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 800ms) << "nobody waits for it any more";
  look();
  world->thaw_node("status-europe");
  world->expect_soon("status-europe", "SELECT text FROM Status WHERE profile_id = 90", "During 3");
  EXPECT_TRUE(test::wait_until([&] {
    const auto outcome = europe.run(europe.service.get(as(90), 90, soon()));
    return outcome && outcome->from->name == "status-europe" && outcome->what.text == "During 3";
  }));
}

}  // namespace
}  // namespace meridian::status
