// What the services tell the bus, on three regions.
#include <algorithm>
#include <map>
#include <thread>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "messaging/announcer.hpp"
#include "messaging/message_api.hpp"
#include "messaging/message_codec.hpp"
#include "messaging/message_service.hpp"
#include "support/organisation_lane.hpp"

namespace meridian::messaging {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class announcer_pgtest : public test::organisation_suite {
 protected:
  announcer_pgtest() : messages(lane.regions(), lane.events) {}

  // In a workspace of its own, with the members 1, 3 and 5.
  channel make_place() {
    const auto made = make_channel(found_company(), "place", false, {3, 5});
    lane.events.frames();
    return made;
  }

  static draft draft_of(
      const channel& where, std::int64_t sender_id, std::string text,
      std::optional<std::int64_t> thread_root_id = std::nullopt
  ) {
    draft made;
    made.channel_id = where.id;
    made.sender_id = sender_id;
    made.text = std::move(text);
    made.thread_root_id = thread_root_id;
    return made;
  }

  message post(const channel& where, std::int64_t sender_id, const std::string& text = "hello") {
    const auto done = lane.run(messages.post(draft_of(where, sender_id, text), soon()));
    EXPECT_TRUE(done) << to_string(done.error());
    lane.events.frames();
    return done->sent;
  }

  std::string json_of(const message& it, const channel& where) { return to_json(it, *where.home); }

  // As the HTTP answer to GET has it.
  std::string now(const message& it, const channel& where) {
    return json_of(lane.run(messages.get(it.id, 1, soon()))->it, where);
  }

  std::string membership(const channel& where, std::int64_t profile_id, bool is_member) {
    return fmt::format(
        R"({{"type":"membership","channel_id":"{}","workspace_id":"{}","profile_id":"{}","is_member":{}}})", where.id,
        where.workspace_id, profile_id, is_member
    );
  }
  std::string membership(std::int64_t workspace_id, std::int64_t profile_id, bool is_member) {
    return fmt::format(
        R"({{"type":"membership","channel_id":null,"workspace_id":"{}","profile_id":"{}","is_member":{}}})",
        workspace_id, profile_id, is_member
    );
  }
  std::string changed(const channel& where, const std::string& change) {
    return fmt::format(
        R"({{"type":"channel","channel_id":"{}","workspace_id":"{}","change":"{}"}})", where.id, where.workspace_id,
        change
    );
  }

  message_service messages;
};

TEST_F(announcer_pgtest, a_post_is_told_as_it_is_answered) {
  const auto where = make_place();
  const auto done = lane.run(messages.post(draft_of(where, 1, "żółw \"🐢\"\n <@5>"), soon()));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->json, json_of(done->sent, where));
  ASSERT_THAT(lane.events.told, SizeIs(1));
  const auto& told = lane.events.told.front();
  EXPECT_EQ(told.what, bus::event_kind::message);
  EXPECT_EQ(told.channel_id, where.id);
  EXPECT_EQ(told.seq, 1);
  EXPECT_EQ(told.change_seq, 1);
  EXPECT_EQ(
      told.frame, fmt::format(
                      R"({{"type":"message","channel_id":"{}","seq":1,"change_seq":1,"message":{}}})", where.id,
                      now(done->sent, where)
                  )
  );
}

TEST_F(announcer_pgtest, posts_at_once_are_told_in_the_order_of_their_channel) {
  const auto where = make_place();
  const auto other = make_channel(found_company("Japan"), "other");
  lane.events.frames();
  std::vector<result<posted>> outcomes(60, error{});
  std::vector<task<void>> posts;
  for (std::size_t at = 0; at < outcomes.size(); ++at) {
    auto what = draft_of(at % 3 == 0 ? other : where, 1, "post " + std::to_string(at));
    if (at % 7 == 0) {
      what.channel_id = 77;  // is not there, and fails alone
    }
    posts.push_back(test::keep(messages.post(std::move(what), soon()), outcomes[at]));
  }
  ASSERT_TRUE(lane.run(all(std::move(posts))));
  std::map<std::int64_t, std::int64_t> last;
  for (const auto& told : lane.events.told) {
    EXPECT_EQ(told.change_seq, ++last[told.channel_id]);
  }
  EXPECT_EQ(last[where.id] + last[other.id], std::ranges::count_if(outcomes, [](const auto& one) {
              return bool(one);
            }));
  EXPECT_GT(last[other.id], 10);
}

TEST_F(announcer_pgtest, what_was_not_done_is_not_told) {
  const auto where = make_place();
  auto what = draft_of(where, 1, "once");
  what.client_msg_id = "mine";
  const auto first = lane.run(messages.post(what, soon()));
  ASSERT_THAT(lane.events.frames(), SizeIs(1));
  EXPECT_TRUE(lane.run(messages.post(what, soon()))->is_repeat);
  EXPECT_FALSE(lane.run(messages.post(draft_of(where, 4, "a stranger"), soon())));
  const auto id = first->sent.id;
  EXPECT_TRUE(lane.run(messages.edit(id, 1, "once", std::nullopt, soon()))) << "the same text again";
  EXPECT_FALSE(lane.run(messages.edit(id, 3, "not mine", std::nullopt, soon())));
  EXPECT_FALSE(lane.run(messages.edit(id, 1, "stale", 99, soon())));
  EXPECT_TRUE(lane.run(messages.react(id, 3, "tada", false, soon()))) << "was never there";
  EXPECT_FALSE(lane.run(messages.react(id, 4, "tada", true, soon())));
  EXPECT_FALSE(lane.run(messages.remove(id, 5, soon())));
  EXPECT_FALSE(lane.run(messages.mark_read(where.id, 4, 1, false, soon())));
  EXPECT_THAT(lane.events.frames(), IsEmpty());
}

TEST_F(announcer_pgtest, a_change_is_told_with_the_message_as_it_is_then) {
  const auto where = make_place();
  const auto it = post(where, 1);
  const auto expect_change = [&](std::int64_t change_seq) {
    ASSERT_THAT(lane.events.told, SizeIs(1)) << change_seq;
    EXPECT_EQ(lane.events.told.front().what, bus::event_kind::change);
    EXPECT_EQ(lane.events.told.front().change_seq, change_seq);
    EXPECT_THAT(
        lane.events.frames(), ElementsAre(fmt::format(
                                  R"({{"type":"change","channel_id":"{}","change_seq":{},"message":{}}})", where.id,
                                  change_seq, now(it, where)
                              ))
    );
  };
  EXPECT_EQ(lane.run(messages.edit(it.id, 1, "better", it.change_seq, soon()))->it.text, "better");
  expect_change(2);
  EXPECT_EQ(lane.run(messages.react(it.id, 3, "tada", true, soon()))->change_seq, 3);
  expect_change(3);
  EXPECT_EQ(lane.run(messages.react(it.id, 5, "tada", true, soon()))->change_seq, 4);
  expect_change(4);
  EXPECT_EQ(lane.run(messages.react(it.id, 3, "tada", false, soon()))->change_seq, 5);
  expect_change(5);
  EXPECT_EQ(lane.run(messages.react(it.id, 3, "tada", false, soon()))->change_seq, 5) << "a repeat";
  EXPECT_THAT(lane.events.frames(), IsEmpty());
  EXPECT_TRUE(lane.run(messages.remove(it.id, 1, soon())));
  expect_change(6);
  EXPECT_TRUE(lane.run(messages.remove(it.id, 1, soon())));
  EXPECT_THAT(lane.events.frames(), IsEmpty());
}

// The edit looks, waits for the channel while somebody reacts, and is to tell of both.
TEST_F(announcer_pgtest, what_others_did_while_a_change_waited_is_in_it) {
  const auto where = make_place();
  const auto it = post(where, 1);
  auto other = world->connect("geo-americas");
  other.text("BEGIN");
  other.text(fmt::format("UPDATE channel_americas SET change_seq = change_seq + 1 WHERE id = {}", where.id));
  other.text(fmt::format(
      "INSERT INTO reaction_americas (message_id, profile_id, emoji, country, reacted_at) "
      "VALUES ({}, 3, 'tada', 'USA', now())",
      it.id
  ));
  other.text(fmt::format(
      "UPDATE message_americas SET change_seq = 2, reaction_count = 1, reply_count = 1 WHERE id = {}", it.id
  ));
  std::thread later([&] {
    other.text("SELECT pg_sleep(0.5)");
    other.text("COMMIT");
  });
  const auto edited = lane.run(messages.edit(it.id, 1, "better", std::nullopt, soon()));
  later.join();
  ASSERT_TRUE(edited) << to_string(edited.error());
  EXPECT_EQ(edited->it.change_seq, 3);
  EXPECT_EQ(edited->it.reply_count, 1);
  EXPECT_NE(edited->it.reactions.value_or("").find("tada"), std::string::npos);
  EXPECT_EQ(json_of(edited->it, where), now(it, where));
  EXPECT_NE(lane.events.frames().front().find("tada"), std::string::npos);
}

// Whoever comes second has moved the channel in vain; without a word about it, everybody would ask for what is missing.
TEST_F(announcer_pgtest, the_same_at_the_same_time_leaves_no_gap) {
  const auto where = make_place();
  const auto it = post(where, 1);
  const auto lock = fmt::format("SELECT FROM channel_americas WHERE id = {} FOR UPDATE", where.id);
  std::int64_t expected = 1;
  const auto expect_all_told = [&] {
    auto all = std::exchange(lane.events.told, {});
    // Two connections may answer in another order; who listens puts them into theirs.
    std::ranges::sort(all, {}, &bus::event::change_seq);
    for (const auto& told : all) {
      EXPECT_EQ(told.change_seq, ++expected);
    }
    EXPECT_EQ(
        sql("americas", fmt::format("SELECT change_seq FROM channel_americas WHERE id = {}", where.id)),
        std::to_string(expected)
    );
  };
  for (const bool adds : {true, false}) {
    const auto both = race(
        "americas", lock, messages.react(it.id, 3, "tada", adds, soon()), messages.react(it.id, 3, "tada", adds, soon())
    );
    EXPECT_TRUE(both[0]);
    EXPECT_TRUE(both[1]);
    expect_all_told();
  }
  const auto edits =
      race("americas", lock, messages.edit(it.id, 1, "one", 4, soon()), messages.edit(it.id, 1, "other", 4, soon()));
  EXPECT_NE(bool(edits[0]), bool(edits[1])) << "the second is stale";
  expect_all_told();
  const auto removals = race("americas", lock, messages.remove(it.id, 1, soon()), messages.remove(it.id, 1, soon()));
  EXPECT_TRUE(removals[0]);
  EXPECT_TRUE(removals[1]);
  expect_all_told();
}

TEST_F(announcer_pgtest, a_reply_moves_its_own_number_only) {
  const auto where = make_place();
  const auto root = post(where, 1);
  const auto reply = lane.run(messages.post(draft_of(where, 3, "indeed", root.id), soon()));
  ASSERT_TRUE(reply);
  ASSERT_THAT(lane.events.told, SizeIs(1));
  EXPECT_EQ(lane.events.told.front().change_seq, 2);
  EXPECT_NE(lane.events.frames().front().find(fmt::format("\"thread_root_id\":\"{}\"", root.id)), std::string::npos);
  EXPECT_EQ(lane.run(messages.get(root.id, 1, soon()))->it.change_seq, 1);
}

TEST_F(announcer_pgtest, a_cursor_is_told_to_its_owner) {
  const auto where = make_place();
  post(where, 1);
  post(where, 1);
  ASSERT_TRUE(lane.run(messages.mark_read(where.id, 5, 1, false, soon())));
  ASSERT_THAT(lane.events.told, SizeIs(1));
  EXPECT_EQ(subject_of(lane.events.told.front()), "profile.5");
  EXPECT_THAT(
      lane.events.frames(),
      ElementsAre(fmt::format(R"({{"type":"read","channel_id":"{}","read_seq":1,"last_seq":2}})", where.id))
  );
}

TEST_F(announcer_pgtest, channels_and_their_people) {
  const auto home = found_company();
  lane.events.frames();
  const auto where = make_channel(home, "place", false, {3});
  EXPECT_THAT(
      lane.events.frames(),
      ElementsAre(membership(where, 1, true), membership(where, 3, true), changed(where, "created"))
  );
  channel_change change;
  change.topic = "what we talk about";
  ASSERT_TRUE(lane.run(lane.channels.update(as(1), where.id, change, soon())));
  EXPECT_THAT(lane.events.frames(), ElementsAre(changed(where, "updated")));
  ASSERT_TRUE(lane.run(lane.channels.update(as(1), where.id, change, soon())));
  EXPECT_THAT(lane.events.frames(), IsEmpty()) << "the same again";
  ASSERT_TRUE(lane.run(lane.channels.add_member(as(5), where.id, 5, soon())));
  EXPECT_THAT(lane.events.frames(), ElementsAre(membership(where, 5, true), changed(where, "members")));
  ASSERT_TRUE(lane.run(lane.channels.add_member(as(1), where.id, 5, soon())));
  EXPECT_THAT(lane.events.frames(), IsEmpty()) << "is there already";
  ASSERT_TRUE(lane.run(lane.channels.remove_member(as(1), where.id, 5, soon())));
  EXPECT_THAT(lane.events.frames(), ElementsAre(membership(where, 5, false), changed(where, "members")));
  ASSERT_TRUE(lane.run(lane.channels.remove_member(as(5), where.id, 5, soon())));
  EXPECT_FALSE(lane.run(lane.channels.remove_member(as(5), where.id, 1, soon())));
  EXPECT_THAT(lane.events.frames(), IsEmpty());
  channel_change archive;
  archive.is_archived = true;
  ASSERT_TRUE(lane.run(lane.channels.update(as(1), where.id, archive, soon())));
  EXPECT_THAT(lane.events.frames(), ElementsAre(changed(where, "archived")));
  archive.is_archived = false;
  ASSERT_TRUE(lane.run(lane.channels.update(as(1), where.id, archive, soon())));
  EXPECT_THAT(lane.events.frames(), ElementsAre(changed(where, "updated")));
}

TEST_F(announcer_pgtest, direct_channels_are_told_to_their_people_once) {
  const auto home = found_company();
  lane.events.frames();
  const auto opened = lane.run(lane.channels.open_direct(as(1), home.id, {3}, soon()));
  ASSERT_TRUE(opened);
  const auto& where = opened->row;
  EXPECT_THAT(
      lane.events.frames(),
      ElementsAre(membership(where, 1, true), membership(where, 3, true), changed(where, "created"))
  );
  ASSERT_TRUE(lane.run(lane.channels.open_direct(as(3), home.id, {1}, soon())));
  EXPECT_THAT(lane.events.frames(), IsEmpty());
  // Somebody leaves the workspace and comes back.
  ASSERT_TRUE(remove(home, 1, 3));
  let_in(home, 3, "admin");
  lane.events.frames();
  ASSERT_TRUE(lane.run(lane.channels.open_direct(as(1), home.id, {3}, soon())));
  EXPECT_THAT(lane.events.frames(), ElementsAre(membership(where, 3, true), changed(where, "members")));
}

TEST_F(announcer_pgtest, coming_to_a_workspace_and_leaving_it) {
  lane.events.frames();
  const auto home = found_workspace();
  EXPECT_THAT(lane.events.frames(), ElementsAre(membership(home.id, 1, true)));
  const auto opened = invite(home);
  lane.events.frames();
  ASSERT_TRUE(lane.run(lane.invitations.accept(as(8), opened.token, soon())));
  const auto general = lane.run(lane.channels.list(as(8), home.id, {}, {}, soon()))->rows.front();
  EXPECT_THAT(
      lane.events.frames(),
      ElementsAre(membership(home.id, 8, true), membership(general, 8, true), changed(general, "members"))
  );
  ASSERT_TRUE(lane.run(lane.invitations.accept(as(8), opened.token, soon())));
  EXPECT_THAT(lane.events.frames(), IsEmpty()) << "is there already";
  const auto where = make_channel(home, "place", true, {8});
  lane.events.frames();
  ASSERT_TRUE(remove(home, 1, 8));
  EXPECT_THAT(
      lane.events.frames(),
      UnorderedElementsAre(membership(home.id, 8, false), changed(general, "members"), changed(where, "members"))
  );
  ASSERT_TRUE(remove(home, 1, 8));
  ASSERT_TRUE(remove(home, 8, 8));
  EXPECT_THAT(lane.events.frames(), IsEmpty());
}

// Then the answer is written where it is sent.
TEST_F(announcer_pgtest, nothing_is_written_that_nobody_hears) {
  const auto where = make_place();
  bus::no_publisher nobody;
  message_service silent(lane.regions(), nobody);
  const auto done = lane.run(silent.post(draft_of(where, 1, "hello"), soon()));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->json, "");
}

}  // namespace
}  // namespace meridian::messaging
