// What is written to a channel while somebody else's transaction changes it.
#include <fmt/core.h>
#include <gmock/gmock.h>

#include "messaging/message_service.hpp"
#include "support/behind.hpp"
#include "support/organisation_lane.hpp"

namespace meridian::messaging {
namespace {

using test::code_of;
using testing::ElementsAre;
using testing::IsEmpty;

class message_race_pgtest : public test::organisation_suite {
 protected:
  message_race_pgtest()
      : messages(lane.regions(), lane.events), where(make_channel(found_company(), "c", false, {5})) {}

  task<posted> post(std::int64_t sender_id, std::string text) {
    draft made;
    made.channel_id = where.id;
    made.sender_id = sender_id;
    made.text = std::move(text);
    return messages.post(std::move(made), soon());
  }
  std::int64_t posted_id(const std::string& text) {
    const auto done = lane.run(post(1, text));
    EXPECT_TRUE(done) << to_string(done.error());
    return done ? done->sent.id : 0;
  }

  // The work has begun, and waits, when that is done.
  template <class T>
  result<T> behind(const std::string& first, task<T> work) {
    return test::run_behind(*world, lane, "geo-americas", first, std::move(work));
  }
  template <class T>
  result<T> behind_channel(const std::string& change, task<T> work) {
    return behind(
        fmt::format("UPDATE channel_americas SET {}, version = version + 1 WHERE id = {}", change, where.id),
        std::move(work)
    );
  }

  std::vector<std::string> texts() {
    std::vector<std::string> all;
    const auto page = lane.run(messages.list(where.id, 1, {}, soon()));
    for (const auto& one : page.value().messages) {
      all.push_back(one.text);
    }
    return all;
  }

  message_service messages;
  channel where;
};

TEST_F(message_race_pgtest, nothing_stays_of_a_message_that_is_deleted_at_the_same_moment) {
  const auto left = [&](std::int64_t id) {
    const auto* counts =
        "SELECT (SELECT count(*) FROM reaction_americas WHERE message_id = {0}), "
        "(SELECT count(*) FROM message_revision_americas WHERE message_id = {0}), "
        "(SELECT count(*) FROM mention_americas n JOIN message_americas m USING (channel_id, seq) WHERE m.id = {0})";
    return sql("americas", fmt::format(fmt::runtime(counts), id));
  };
  const auto reacted = posted_id("<@5>, gone before you react");
  const auto reaction = behind(
      fmt::format("DELETE FROM message_americas WHERE id = {}", reacted),
      messages.react(reacted, 5, "tada", true, soon())
  );
  EXPECT_EQ(code_of(reaction), errc::conflict);
  EXPECT_EQ(left(reacted), "0|0|0");

  const auto edited = posted_id("<@5>, gone behind an edit");
  const auto removal = behind(
      fmt::format("UPDATE message_americas SET message = 'edited' WHERE id = {}", edited),
      messages.remove(edited, 1, soon())
  );
  EXPECT_TRUE(removal);
  EXPECT_EQ(left(edited), "0|0|0");
  EXPECT_THAT(lane.run(messages.list_revisions(edited, 1, 0, 50, soon())).value(), IsEmpty());
}

// What is acknowledged behind somebody's removal was not written by him.
TEST_F(message_race_pgtest, who_is_out_writes_nothing_behind_his_removal) {
  const auto removal = fmt::format("DELETE FROM channel_member WHERE channel_id = {} AND profile_id = 5", where.id);
  EXPECT_EQ(code_of(behind(removal, post(5, "too late"))), errc::forbidden);
  ASSERT_TRUE(lane.run(lane.channels.add_member(as(1), where.id, 5, soon())));

  // A batch, with somebody who stays in it: whom it judged by the members of before is to be judged again.
  message_store store(lane.regions());
  std::vector<outgoing> batch(2);
  for (std::size_t at = 0; at < batch.size(); ++at) {
    batch[at].id = where.id + 1 + static_cast<std::int64_t>(at);
    batch[at].what.channel_id = where.id;
    batch[at].what.sender_id = at == 0 ? 5 : 1;
    batch[at].what.text = "again";
  }
  const auto judged = behind(removal, store.send(*where.home, batch, soon()));
  ASSERT_TRUE(judged) << to_string(judged.error());
  EXPECT_EQ(judged->at(0).is, verdict::again);
  EXPECT_THAT(texts(), IsEmpty());
}

TEST_F(message_race_pgtest, nothing_changes_behind_the_archiving_of_a_channel) {
  const auto id = posted_id("stays");
  const auto behind_archiving = [&](auto work) {
    EXPECT_EQ(code_of(behind_channel("archived_at = now()", std::move(work))), errc::conflict);
    sql("americas",
        fmt::format("UPDATE channel_americas SET archived_at = NULL, version = version + 1 WHERE id = {}", where.id));
  };
  behind_archiving(post(1, "too late"));
  behind_archiving(messages.edit(id, 1, "edited", std::nullopt, soon()));
  behind_archiving(messages.react(id, 5, "tada", true, soon()));
  ASSERT_TRUE(lane.run(messages.react(id, 5, "tada", true, soon())));
  behind_archiving(messages.react(id, 5, "tada", false, soon()));
  EXPECT_THAT(texts(), ElementsAre("stays"));
}

TEST_F(message_race_pgtest, a_change_of_the_channel_at_the_same_moment_refuses_nobody) {
  const auto id = posted_id("mine");
  const auto behind_a_topic = [&](auto work) {
    const auto outcome = behind_channel("topic = 'news'", std::move(work));
    EXPECT_TRUE(outcome) << to_string(outcome.error());
  };
  behind_a_topic(post(5, "behind"));
  behind_a_topic(messages.edit(id, 1, "edited", std::nullopt, soon()));
  behind_a_topic(messages.react(id, 5, "tada", true, soon()));
  behind_a_topic(messages.react(id, 5, "tada", false, soon()));
  EXPECT_THAT(texts(), ElementsAre("edited", "behind"));
}

}  // namespace
}  // namespace meridian::messaging
