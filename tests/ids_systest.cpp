// Rows made by plain SQL: ids unique over all nodes, messages numbered without a gap, edits and deletions that leave a
// trace, and a schema whose recorded steps are never altered.
#include <atomic>
#include <barrier>
#include <chrono>
#include <memory>
#include <thread>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ids.hpp"
#include "support/local_topology.hpp"

namespace meridian::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

struct place {
  std::string region;
  int number;
  std::string country;
  int channel;  // one of the sample's
};
const place places[] = {{"americas", 1, "USA", 2}, {"europe", 2, "Germany", 4}, {"asia", 3, "India", 7}};

class ids_systest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>(std::vector<std::string>{"geo"});
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  // Numbers, times and the channel's counters agree, in every channel of every region.
  static void expect_gap_free() {
    for (const auto& here : places) {
      auto node = world->connect("geo-" + here.region);
      EXPECT_EQ(
          node.text(fmt::format(
              "SELECT c.id, c.last_seq, count(m.id), count(DISTINCT m.seq), max(m.seq) FROM channel_{0} c "
              "LEFT JOIN message_{0} m ON m.channel_id = c.id GROUP BY c.id, c.last_seq "
              "HAVING (c.last_seq, c.last_seq) <> (count(m.id), count(DISTINCT m.seq)) OR max(m.seq) <> c.last_seq",
              here.region
          )),
          ""
      ) << "channel|last_seq|messages|numbers|highest in "
        << here.region;
      EXPECT_EQ(
          node.text(fmt::format(
              "SELECT id, channel_id, seq FROM (SELECT *, row_number() OVER (PARTITION BY channel_id ORDER BY sent_at) "
              "AS place "
              "FROM message_{}) AS ordered WHERE seq <> place LIMIT 5",
              here.region
          )),
          ""
      ) << "the order of sent_at is not the order of seq in "
        << here.region;
    }
  }

  static std::unique_ptr<local_topology> world;
};

std::unique_ptr<local_topology> ids_systest::world;

// Answers how often it had to be tried. Through another node's tree, postgres_fdw reads as of the statement's begin
// (REPEATABLE READ), so that a statement which had to wait for its channel is refused and is to be repeated; on the
// channel's own node that never happens.
int insert_messages(session& node, const place& to, int writer, int count, bool is_owner) {
  const auto statement = fmt::format(
      "INSERT INTO Message (channel_id, sender_id, message, country) "
      "SELECT {}, 1, 'writer {} says ' || n, '{}' FROM generate_series(1, {}) AS n",
      to.channel, writer, to.country, count
  );
  for (int tries = 1; tries < 1'000; ++tries) {
    const auto done = node.query(statement);
    if (done) {
      return tries;
    }
    if (is_owner || done.error().code != errc::retry) {
      ADD_FAILURE() << statement << "\n  " << to_string(done.error());
      return tries;
    }
  }
  ADD_FAILURE() << statement << "\n  never succeeds";
  return 0;
}

TEST_F(ids_systest, a_hundred_thousand_inserts_from_everywhere_get_ids_and_numbers) {
  static constexpr int writers_count = 6;
  static constexpr int statements = 34;
  static constexpr int rows_per_statement = 500;
  static std::atomic<int> tries{0};
  std::vector<std::thread> writers;
  writers.reserve(writers_count);
  for (int writer = 0; writer < writers_count; ++writer) {
    writers.emplace_back([writer] {
      const auto& asked = places[writer % 3];
      auto node = world->connect("geo-" + asked.region, "meridian_adhoc");
      node.set_patience(60s);
      for (int i = 0; i < statements; ++i) {
        const auto& to = places[(writer + i) % 3];
        tries += insert_messages(node, to, writer, rows_per_statement, to.region == asked.region);
      }
    });
  }
  for (auto& writer : writers) {
    writer.join();
  }
  fmt::print("{} statements, {} tries\n", writers_count * statements, tries.load());
  auto anywhere = world->connect("geo-europe");
  anywhere.set_patience(60s);
  EXPECT_EQ(
      anywhere.text("SELECT count(*), count(DISTINCT id) FROM Message"),
      fmt::format("{0}|{0}", writers_count * statements * rows_per_statement)
  );
  expect_gap_free();
}

TEST_F(ids_systest, an_id_tells_when_and_where_it_was_made) {
  for (const auto& asked : places) {
    auto node = world->connect("geo-" + asked.region, "meridian_adhoc");
    for (const auto& to : places) {
      const auto before = std::chrono::system_clock::now() - 1s;
      const std::string rows[] = {
          fmt::format(
              "Message (channel_id, sender_id, message, country) VALUES ({}, 1, 'x', '{}')", to.channel, to.country
          ),
          fmt::format("Profile (full_name, email, country) VALUES ('A', 'a@example.com', '{}')", to.country),
          fmt::format(
              "Channel (name, workspace_id, is_direct, country) SELECT '', id, true, country FROM Workspace "
              "WHERE country = '{}' LIMIT 1",
              to.country
          ),
      };
      for (const auto& row : rows) {
        const auto id = std::stoll(node.text("INSERT INTO " + row + " RETURNING id"));
        const auto parts = parts_of(id);
        EXPECT_EQ(parts.region_number, to.number) << row << " asked in " << asked.region;
        EXPECT_EQ(parts.writer_number, 0) << row;
        EXPECT_GE(parts.made_at, std::chrono::floor<std::chrono::milliseconds>(before)) << row;
        EXPECT_LE(parts.made_at, std::chrono::system_clock::now() + 1s) << row;
        EXPECT_EQ(id_of(parts), id);
      }
    }
  }
}

// A message of its own, made through `node`; its id and its number.
std::pair<std::string, std::int64_t> post(session& node, const place& to, std::string_view text) {
  const auto answer = node.query(fmt::format(
      "INSERT INTO Message (channel_id, sender_id, message, country) VALUES ({}, 1, '{}', '{}') RETURNING id, seq",
      to.channel, text, to.country
  ));
  EXPECT_TRUE(answer) << answer.error().message;
  return {std::string((*answer)[0].text(0)), (*answer)[0].number<std::int64_t>(1)};
}

TEST_F(ids_systest, an_edit_leaves_a_revision_and_moves_the_channel) {
  for (const auto& asked : places) {
    auto node = world->connect("geo-" + asked.region, "meridian_adhoc");
    for (const auto& to : places) {
      const auto [id, seq] = post(node, to, "first words");
      const auto where = fmt::format("country = '{}' AND ", to.country);
      const auto channel = fmt::format("SELECT last_seq, change_seq FROM Channel WHERE {}id = {}", where, to.channel);
      const auto before = node.query(channel);
      node.text(fmt::format("UPDATE Message SET message = 'second words' WHERE {}id = {}", where, id));
      const auto after = node.query(channel);
      EXPECT_EQ((*after)[0].text(0), (*before)[0].text(0)) << "an edit is no message";
      const auto moved = (*before)[0].number<std::int64_t>(1) + 1;
      EXPECT_EQ((*after)[0].number<std::int64_t>(1), moved);
      EXPECT_EQ(
          node.text(fmt::format(
              "SELECT message, seq, change_seq, edited_at > sent_at, deleted_at IS NULL FROM Message WHERE {}id = {}",
              where, id
          )),
          fmt::format("second words|{}|{}|t|t", seq, moved)
      );
      EXPECT_EQ(
          node.text(fmt::format(
              "SELECT message, change_seq < {} FROM message_revision WHERE {}message_id = {}", moved, where, id
          )),
          "first words|t"
      );
    }
  }
}

TEST_F(ids_systest, nobody_chooses_a_number) {
  for (const auto& asked : places) {
    auto node = world->connect("geo-" + asked.region, "meridian_adhoc");
    for (const auto& to : places) {
      const auto [id, seq] = post(node, to, "the last one");
      const auto next = node.text(fmt::format(
          "INSERT INTO Message (channel_id, sender_id, message, country, seq, change_seq) "
          "VALUES ({}, 1, 'me first', '{}', {}, {}) RETURNING seq",
          to.channel, to.country, seq + 2, seq + 2
      ));
      EXPECT_EQ(next, std::to_string(seq + 1));
      const auto moved =
          node.query(fmt::format("UPDATE Message SET seq = seq + 9 WHERE country = '{}' AND id = {}", to.country, id));
      ASSERT_FALSE(moved);
      EXPECT_THAT(moved.error().message, testing::HasSubstr("keeps its number"));
    }
  }
}

TEST_F(ids_systest, a_deletion_leaves_a_tombstone_and_moves_the_channel) {
  for (const auto& asked : places) {
    auto node = world->connect("geo-" + asked.region, "meridian_adhoc");
    for (const auto& to : places) {
      const auto [id, seq] = post(node, to, "to be forgotten");
      const auto where = fmt::format("country = '{}' AND ", to.country);
      const auto message = fmt::format("Message WHERE {}id = {}", where, id);
      node.text(fmt::format("UPDATE Message SET message = 'regretted too' WHERE {}id = {}", where, id));
      node.text(fmt::format("INSERT INTO reaction VALUES ({}, 1, 'eyes', '{}', now())", id, to.country));
      const auto before = node.text(fmt::format("SELECT change_seq FROM Channel WHERE {}id = {}", where, to.channel));
      node.text("DELETE FROM " + message);
      EXPECT_EQ(
          node.text("SELECT message, seq, change_seq, deleted_at IS NOT NULL, edited_at < deleted_at FROM " + message),
          fmt::format("|{}|{}|t|t", seq, std::stoll(before) + 1)
      );
      EXPECT_EQ(
          node.text(fmt::format(
              "SELECT (SELECT count(*) FROM message_revision WHERE {0}message_id = {1}), "
              "(SELECT count(*) FROM reaction WHERE {0}message_id = {1})",
              where, id
          )),
          "0|0"
      ) << "its words and what was said about them go with it";
    }
  }
  expect_gap_free();
}

TEST_F(ids_systest, a_message_that_is_sent_again_is_there_once) {
  for (const auto& asked : places) {
    auto node = world->connect("geo-" + asked.region, "meridian_adhoc");
    for (const auto& to : places) {
      const auto insert = fmt::format(
          "INSERT INTO Message (channel_id, sender_id, message, country, client_msg_id) "
          "VALUES ({}, 1, 'once', '{}', 'from {}')",
          to.channel, to.country, asked.region
      );
      node.text(insert);
      EXPECT_THAT(node.refusal(insert), AllOf(HasSubstr("duplicate key value"), HasSubstr("_client")));
      node.text(insert + " ON CONFLICT DO NOTHING");
      EXPECT_EQ(
          node.text(fmt::format(
              "SELECT count(*) FROM Message WHERE country = '{}' AND client_msg_id = 'from {}'", to.country,
              asked.region
          )),
          "1"
      );
      const auto again = fmt::format(
          "INSERT INTO Message (id, channel_id, sender_id, message, country) VALUES ({}, {}, 1, 'x', '{}') ON CONFLICT "
          "DO NOTHING",
          100 * to.number + asked.number, to.channel, to.country
      );
      node.text(again);
      node.text(again);
    }
  }
  expect_gap_free();
}

TEST_F(ids_systest, a_message_that_is_sent_twice_at_once_is_there_once) {
  static constexpr int writers_count = 4;
  static constexpr int messages = 200;
  static std::barrier together(writers_count);
  std::vector<std::thread> writers;
  writers.reserve(writers_count);
  for (int writer = 0; writer < writers_count; ++writer) {
    writers.emplace_back([] {
      auto node = world->connect("geo-asia", "meridian_adhoc");
      for (int i = 0; i < messages; ++i) {
        together.arrive_and_wait();
        node.text(fmt::format(
            "INSERT INTO Message (channel_id, sender_id, message, country, client_msg_id) "
            "VALUES (7, 1, 'x', 'India', 'retried {}') ON CONFLICT DO NOTHING",
            i
        ));
      }
    });
  }
  for (auto& writer : writers) {
    writer.join();
  }
  EXPECT_EQ(
      world->sql("geo-asia", "SELECT count(*) FROM Message_Asia WHERE client_msg_id LIKE 'retried %'"),
      std::to_string(messages)
  );
  expect_gap_free();
}

TEST_F(ids_systest, a_step_that_was_altered_after_it_was_applied_is_refused) {
  auto node = world->connect("geo-asia");
  const auto checksum = node.text("SELECT checksum FROM meridian.migration WHERE name = 'messaging/002_channel'");
  ASSERT_EQ(checksum.size(), 64U);
  node.text("UPDATE meridian.migration SET checksum = repeat('0', 64) WHERE name = 'messaging/002_channel'");
  for (const auto* command : {"apply", "up"}) {
    const auto ended = world->run({command});
    EXPECT_EQ(ended.exit_code, 1) << ended.said();
    EXPECT_THAT(
        ended.errors, AllOf(HasSubstr("the step messaging/002_channel was altered"), HasSubstr("into a new step"))
    );
  }
  node.text("UPDATE meridian.migration SET checksum = $1 WHERE name = 'messaging/002_channel'", {checksum});
  EXPECT_EQ(world->run({"apply"}).exit_code, 0);
}

TEST_F(ids_systest, a_step_that_this_program_does_not_know_is_refused) {
  auto node = world->connect("geo-americas");
  node.text("INSERT INTO meridian.migration (name, checksum) VALUES ('messaging/999_from_the_future', repeat('0', 64))"
  );
  for (const auto* command : {"apply", "up"}) {
    const auto ended = world->run({command});
    EXPECT_EQ(ended.exit_code, 1) << ended.said();
    EXPECT_THAT(ended.errors, AllOf(HasSubstr("messaging/999_from_the_future"), HasSubstr("newer version")));
  }
  node.text("DELETE FROM meridian.migration WHERE name = 'messaging/999_from_the_future'");
  EXPECT_EQ(world->run({"apply"}).exit_code, 0);
}

}  // namespace
}  // namespace meridian::test
