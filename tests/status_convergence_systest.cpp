// Two clusters that take the same person's status at the same time agree in the end, whatever happens between them.
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/complete.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

using direction = std::array<std::string, 2>;  // from, to
const direction eastward{"status-americas", "status-europe"};
const direction westward{"status-europe", "status-americas"};

class status_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"status"});
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  session& americas() { return *americas_; }
  session& europe() { return *europe_; }

  static void replication(const std::string& verb, const direction& way) {
    const auto ended = world->run({"replication", verb, "--from", way[0], "--to", way[1]});
    ASSERT_EQ(ended.exit_code, 0) << ended.said();
  }

  // Sets the status of a range of people to one text.
  static void write(session& side, int first, int last, std::string_view text) {
    side.text(fmt::format(
        "INSERT INTO Status (profile_id, status, text) SELECT n, 'Busy', '{}' FROM generate_series({}, {}) AS n "
        "ON CONFLICT (profile_id) DO UPDATE SET status = excluded.status, text = excluded.text",
        text, first, last
    ));
  }

  // Who has the last word on a range, as one side sees it: every text once.
  static std::string texts(session& side, int first, int last) {
    return side.text(fmt::format(
        "SELECT string_agg(DISTINCT text, ' ') || ' ' || count(*) FROM Status WHERE profile_id BETWEEN {} AND {}",
        first, last
    ));
  }

  // Changes come in order: when these two have arrived, all that were made before have.
  void expect_equal() {
    static int number = 0;
    const auto mark = fmt::format("mark {}", ++number);
    write(americas(), 1'000'001, 1'000'001, mark);
    write(europe(), 1'000'002, 1'000'002, mark);
    world->expect_soon("status-europe", "SELECT text FROM Status WHERE profile_id = 1000001", mark);
    world->expect_soon("status-americas", "SELECT text FROM Status WHERE profile_id = 1000002", mark);
    const std::string everything = "SELECT * FROM Status ORDER BY profile_id";
    EXPECT_EQ(americas().text(everything), europe().text(everything));
  }

  // A thousand writes that contradict each other while nothing flows: 500 people, half of whom the sides know of
  // already; for the even half America's word is the later one. `first_way` is opened first.
  void quarrel(int first, const direction& first_way, std::string_view even_winner, std::string_view odd_winner) {
    const int middle = first + 250;
    const int last = first + 499;
    write(americas(), first + 125, last - 125, "known");
    expect_equal();
    replication("pause", eastward);
    replication("pause", westward);
    write(europe(), first, middle - 1, "europe");
    write(americas(), first, last, "americas");
    write(europe(), middle, last, "europe");
    EXPECT_EQ(texts(americas(), first, last), "americas 500");
    const auto& second_way = first_way == eastward ? westward : eastward;
    replication("resume", first_way);
    // The first way's changes are judged before the second's begin to flow.
    auto& receiver = first_way == eastward ? europe() : americas();
    write(first_way == eastward ? americas() : europe(), 1'000'003, 1'000'003, fmt::format("after {}", first));
    EXPECT_TRUE(wait_until([&] { return texts(receiver, 1'000'003, 1'000'003) == fmt::format("after {} 1", first); }));
    replication("resume", second_way);
    expect_equal();
    for (auto* side : {&americas(), &europe()}) {
      EXPECT_EQ(texts(*side, first, middle - 1), fmt::format("{} 250", even_winner));
      EXPECT_EQ(texts(*side, middle, last), fmt::format("{} 250", odd_winner));
    }
  }

  // Four connections, two a side, write to five people as fast as they can.
  void write_concurrently(int first_person) {
    constexpr int writers_count = 4;
    std::vector<std::thread> writers;
    writers.reserve(writers_count);
    for (int writer = 0; writer < writers_count; ++writer) {
      writers.emplace_back([writer, first_person] {
        auto side = world->connect(writer % 2 == 0 ? "status-americas" : "status-europe", "meridian_adhoc");
        for (int i = 0; i < 200; ++i) {
          write(side, first_person + i % 5, first_person + i % 5, fmt::format("writer {} says {}", writer, i));
        }
      });
    }
    for (auto& writer : writers) {
      writer.join();
    }
    expect_equal();
  }

  static std::unique_ptr<local_topology> world;
  std::optional<session> americas_ = world->connect("status-americas", "meridian_service");
  std::optional<session> europe_ = world->connect("status-europe", "meridian_service");
};

std::unique_ptr<local_topology> status_systest::world;

TEST_F(status_systest, both_sides_agree_after_a_cut_and_the_later_word_stays) {
  quarrel(1'000, eastward, "americas", "europe");
  quarrel(2'000, westward, "americas", "europe");
}

TEST_F(status_systest, both_sides_agree_after_live_quarrels_on_few_rows) {
  write_concurrently(3'000);
}

TEST_F(status_systest, a_plain_update_sets_the_time_and_reaches_the_other_side) {
  world->sql("127.0.0.8", "INSERT INTO Status (profile_id, status) VALUES (3500, 'In a Meeting')");
  world->expect_soon("status-americas", "SELECT status FROM Status WHERE profile_id = 3500", "In a Meeting");
  world->sql("127.0.0.7", "UPDATE Status SET status = 'Out Sick' WHERE profile_id = 3500");
  world->expect_soon("status-europe", "SELECT status FROM Status WHERE profile_id = 3500", "Out Sick");
  EXPECT_EQ(europe().text("SELECT now() - set_at < interval '1 minute' FROM Status WHERE profile_id = 3500"), "t");
  expect_equal();
}

TEST_F(status_systest, rows_from_before_the_set_up_are_merged) {
  for (const auto& way : {eastward, westward}) {
    auto admin = world->connect(way[1]);
    auto name = way[0];
    name.replace(name.find('-'), 1, "_");
    EXPECT_EQ(admin.text("SELECT pglogical.drop_subscription($1)", {"from_" + name}), "1");
  }
  EXPECT_THAT(world->run({"replication", "show"}).output, HasSubstr("missing"));
  write(europe(), 4'000, 4'999, "europe");      // more than a page of the merge
  write(americas(), 4'500, 5'999, "americas");  // the later word
  write(europe(), 5'800, 6'100, "europe");      // and a later one
  replication("setup", westward);
  EXPECT_EQ(texts(americas(), 4'000, 4'499), "europe 500");
  EXPECT_EQ(texts(europe(), 5'000, 5'799), "");
  replication("setup", eastward);
  for (auto* side : {&americas(), &europe()}) {
    EXPECT_EQ(texts(*side, 4'000, 4'499), "europe 500");
    EXPECT_EQ(texts(*side, 4'500, 5'799), "americas 1300");
    EXPECT_EQ(texts(*side, 5'800, 6'100), "europe 301");
  }
  expect_equal();
}

TEST_F(status_systest, a_direction_that_goes_down_is_revived) {
  auto admin = world->connect("status-europe");
  admin.text("ALTER TABLE status ADD CONSTRAINT trouble CHECK (text <> 'trouble') NOT VALID");
  write(americas(), 7'000, 7'000, "trouble");
  const auto shown = [] { return world->run({"replication", "show"}).output; };
  EXPECT_TRUE(wait_until([&] { return shown().find("down") != std::string::npos; }));
  EXPECT_EQ(texts(europe(), 7'000, 7'000), "");
  admin.text("ALTER TABLE status DROP CONSTRAINT trouble");
  const auto begin = std::chrono::steady_clock::now();
  world->expect_soon("status-europe", "SELECT text FROM Status WHERE profile_id = 7000", "trouble");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s) << "pglogical alone waits for minutes";
  EXPECT_THAT(
      read_text(world->state_directory() / "agent.log"),
      HasSubstr("replication from status-americas to status-europe was down and has been enabled again")
  );
  admin.text(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'pglogical apply%'"
  );
  expect_equal();
}

TEST_F(status_systest, what_is_paused_stays_paused) {
  replication("pause", eastward);
  write(americas(), 7'100, 7'100, "unheard");
  const auto log = world->state_directory() / "agent.log";
  const auto revived = [&] { return sorted_lines(read_text(log)).size(); };
  const auto before = revived();
  EXPECT_FALSE(wait_until([&] { return texts(europe(), 7'100, 7'100) == "unheard 1"; }, 3s));
  EXPECT_EQ(revived(), before);
  EXPECT_THAT(world->run({"replication", "show"}).output, HasSubstr("paused"));
  replication("resume", eastward);
  expect_equal();
}

TEST_F(status_systest, a_status_is_never_deleted) {
  write(americas(), 7'200, 7'200, "here to stay");
  for (const auto* role : {"meridian_adhoc", "meridian_service"}) {
    auto here = world->connect("status-americas", role);
    EXPECT_THAT(here.refusal("DELETE FROM Status WHERE profile_id = 7200"), HasSubstr("permission denied"));
    EXPECT_THAT(here.refusal("TRUNCATE Status"), HasSubstr("permission denied"));
    EXPECT_THAT(
        here.refusal("UPDATE Status SET profile_id = 7201 WHERE profile_id = 7200"), HasSubstr("handed to another")
    );
  }
  EXPECT_THAT(
      world->connect("status-americas").refusal("DELETE FROM Status WHERE profile_id = 7200"),
      AllOf(HasSubstr("a status is never deleted"), HasSubstr("Set it to NULL"))
  );
  expect_equal();
}

TEST_F(status_systest, both_sides_agree_with_a_clock_five_minutes_slow) {
  const std::string library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
  if (!std::filesystem::exists(library)) {
    FAIL() << "needs " << library << ": apt-get install libfaketime";
  }
  const auto log = (world->state_directory() / "nodes" / "status-americas" / "postgres.log").string();
  ASSERT_EQ(world->pg_ctl("status-americas", {"stop", "-w", "-m", "fast"}).exit_code, 0);
  const auto started = world->pg_ctl(
      "status-americas", {"start", "-w", "-l", log},
      {{"LD_PRELOAD", library}, {"FAKETIME", "-5m"}, {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}}
  );
  ASSERT_EQ(started.exit_code, 0) << started.said();
  americas_.reset();
  americas_.emplace(world->connect("status-americas", "meridian_service"));
  const auto clock_of = [](session& side) { return std::stol(side.text("SELECT extract(epoch FROM now())::bigint")); };
  ASSERT_NEAR(static_cast<double>(clock_of(europe()) - clock_of(americas())), 300, 30) << "the clock is not skewed";

  quarrel(10'000, eastward, "europe", "europe");  // the fast clock wins, on both sides and in both orders
  quarrel(11'000, westward, "europe", "europe");
  write_concurrently(12'000);

  write(europe(), 13'000, 13'099, "europe");
  world->expect_soon(
      "status-americas", "SELECT count(*) FROM Status WHERE text = 'europe' AND profile_id BETWEEN 13000 AND 13099",
      "100"
  );
  write(americas(), 13'000, 13'099, "americas");  // made after it saw the other's
  expect_equal();
  EXPECT_EQ(texts(europe(), 13'000, 13'099), "americas 100");
  EXPECT_EQ(texts(americas(), 13'000, 13'099), "americas 100");
}

}  // namespace
}  // namespace meridian::test
