// Posting, reading and changing messages on three regions.
#include <map>
#include <memory>
#include <set>
#include <thread>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "messaging/message_service.hpp"
#include "support/behind.hpp"
#include "support/lane.hpp"
#include "support/lost_answer.hpp"
#include "support/recording_publisher.hpp"

namespace meridian::messaging {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const auto soon = [] { return deadline::in(std::chrono::seconds(8)); };

// The sample company, with a private channel (50) and an archived one (51) in workspace 1, and profile 3 as its admin
// who is in no channel. Channel 1 is in americas, 4 in europe, 7 and 8 in asia.
class message_pgtest : public testing::Test {
 protected:
  void expect_two_servers_get_along(int their_writer_number);

  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"geo"});
    world->up();
    world->connect("geo-americas", "meridian_service").script(R"(
      INSERT INTO channel_americas (id, name, workspace_id, country, is_private) VALUES (50, 'secret', 1, 'USA', true);
      INSERT INTO channel_americas (id, name, workspace_id, country, archived_at) VALUES (51, 'old', 1, 'USA', now());
      INSERT INTO channel_americas (id, name, workspace_id, country) SELECT 100 + i, 'c' || i, 1, 'USA'
        FROM generate_series(0, 19) AS i;
      INSERT INTO channel_member_americas (channel_id, profile_id, country) VALUES (50, 1, 'USA'), (51, 1, 'USA');
      INSERT INTO channel_member_americas (channel_id, profile_id, country) SELECT 100 + i, p, 'USA'
        FROM generate_series(0, 19) AS i, unnest('{1,5,8,9}'::bigint[]) AS p;
      INSERT INTO workspaceprofile_americas (workspace_id, profile_id, workspace_country, role)
        VALUES (1, 3, 'USA', 'admin'), (1, 4, 'USA', 'guest');)");
  }
  static void TearDownTestSuite() { world.reset(); }

  explicit message_pgtest(const std::string& here = "americas") : lane(*world, here), service(lane.regions(), events) {}

  static draft draft_of(std::int64_t channel_id, std::int64_t sender_id, std::string text) {
    draft made;
    made.channel_id = channel_id;
    made.sender_id = sender_id;
    made.text = std::move(text);
    return made;
  }

  result<posted> post(draft what) { return lane.run(service.post(std::move(what), soon())); }
  result<posted> post(std::int64_t channel_id, std::int64_t sender_id, std::string text = "hello") {
    return post(draft_of(channel_id, sender_id, std::move(text)));
  }

  // All at once; outcomes in their places.
  std::vector<result<posted>> post_all(const std::vector<draft>& drafts) {
    std::vector<result<posted>> outcomes(drafts.size(), error{});
    std::vector<task<void>> posts;
    for (std::size_t at = 0; at < drafts.size(); ++at) {
      posts.push_back(post_into(drafts[at], outcomes[at]));
    }
    EXPECT_TRUE(lane.run(all(std::move(posts))));
    return outcomes;
  }

  task<void> post_into(draft what, result<posted>& outcome) {
    outcome = co_await service.post(std::move(what), soon());
    co_return result<void>();
  }

  std::vector<std::string> texts(std::int64_t channel_id, std::int64_t reader_id, page_wanted wanted = {}) {
    const auto page = lane.run(service.list(channel_id, reader_id, wanted, soon()));
    EXPECT_TRUE(page) << to_string(page.error());
    std::vector<std::string> all;
    for (const auto& one : page ? page->messages : std::vector<message>()) {
      all.push_back(one.text);
    }
    return all;
  }

  static std::string sql(const std::string& region, const std::string& statement) {
    return world->connect("geo-" + region).text(statement);
  }

  // "last_seq|rows|distinct|lowest|highest" of a channel: the same number four times, and 1.
  static void expect_no_gap(const std::string& region, std::int64_t channel_id) {
    const auto found = sql(
        region,
        fmt::format(
            "SELECT c.last_seq = count(m.id) AND count(DISTINCT m.seq) = c.last_seq AND coalesce(min(m.seq), 1) = 1 "
            "AND coalesce(max(m.seq), 0) = c.last_seq AND bool_and(m.change_seq <= c.change_seq) IS NOT FALSE "
            "FROM channel c LEFT JOIN message m ON m.channel_id = c.id WHERE c.id = {} GROUP BY c.id, c.last_seq",
            channel_id
        )
    );
    EXPECT_EQ(found, "t") << "channel " << channel_id;
  }

  static inline std::unique_ptr<test::local_topology> world;
  test::lane lane;
  test::recording_publisher events;
  message_service service;
};

template <class T>
errc code_of(const result<T>& outcome) {
  EXPECT_FALSE(outcome);
  return outcome ? errc::internal : outcome.error().code;
}

TEST_F(message_pgtest, a_post_rests_in_its_channels_region_and_comes_back_byte_for_byte) {
  const std::string text = "żółw 🐢 \"quoted\"\n\ttab \\ e\xCC\x81 \xEF\xBB\xBF end";
  const auto sent = post(8, 9, text);
  ASSERT_TRUE(sent) << to_string(sent.error());
  EXPECT_EQ(sent->home->name, "asia");
  EXPECT_EQ(parts_of(sent->sent.id).region_number, sent->home->number);
  EXPECT_EQ(texts(8, 10).back(), text);
  EXPECT_EQ(
      sql("asia", fmt::format("SELECT country, tableoid::regclass FROM message WHERE id = {}", sent->sent.id)),
      "India|message_asia"
  );
}

TEST_F(message_pgtest, posts_at_once_are_batched_and_numbered_without_a_gap) {
  std::vector<draft> drafts;
  for (int i = 0; i < 400; ++i) {
    drafts.push_back(draft_of(100 + i % 20, std::array{1, 5, 8, 9}[i % 4], fmt::format("number {}", i)));
  }
  std::map<std::int64_t, std::set<std::int64_t>> numbers;
  for (const auto& outcome : post_all(drafts)) {
    ASSERT_TRUE(outcome) << to_string(outcome.error());
    EXPECT_TRUE(numbers[outcome->sent.channel_id].insert(outcome->sent.seq).second);
  }
  for (std::int64_t channel_id = 100; channel_id < 120; ++channel_id) {
    expect_no_gap("americas", channel_id);
  }
  EXPECT_LT(service.observe().send_batches, 20U);
  EXPECT_EQ(service.observe().sends, 400U);
}

TEST_F(message_pgtest, a_channel_that_waits_holds_up_only_the_batches_it_is_in) {
  std::int64_t beside = 101;
  while (beside < 120 && send_rooms::number_for(beside) == send_rooms::number_for(100)) {
    ++beside;
  }
  ASSERT_LT(beside, 120);
  std::atomic<bool> is_posted_beside = false;
  const auto both = [&](result<posted>& waiting, result<posted>& free) -> task<void> {
    std::vector<task<void>> posts;
    posts.push_back(post_into(draft_of(100, 1, "waits"), waiting));
    posts.push_back([](task<void> post, std::atomic<bool>& is_done) -> task<void> {
      MERIDIAN_CO_CHECK(co_await std::move(post));
      is_done = true;
      co_return result<void>();
    }(post_into(draft_of(beside, 1, "does not"), free), is_posted_beside));
    co_return co_await all(std::move(posts));
  };
  std::vector<result<posted>> outcomes(2, error{});
  const auto done = test::run_behind(
      *world, lane, "geo-americas", "SELECT FROM channel_americas WHERE id = 100 FOR UPDATE",
      both(outcomes[0], outcomes[1]), [&] { EXPECT_TRUE(test::wait_until([&] { return is_posted_beside.load(); })); }
  );
  EXPECT_TRUE(done);
  for (const auto& outcome : outcomes) {
    EXPECT_TRUE(outcome) << to_string(outcome.error());
  }
}

// This service and another one, whose ids may be the same, post into the same channels.
void message_pgtest::expect_two_servers_get_along(int their_writer_number) {
  test::lane other(*world, "europe");
  bus::no_publisher unheard;  // the other one is the first thread's
  message_service theirs(other.regions(), unheard, message_settings{.writer_number = their_writer_number});
  std::atomic<int> done = 0;
  std::jthread elsewhere([&] {
    for (int i = 0; i < 150; ++i) {
      std::vector<task<void>> posts;
      std::vector<result<posted>> outcomes(20, error{});
      for (int k = 0; k < 20; ++k) {
        posts.push_back([](message_service& service, draft what, result<posted>& outcome) -> task<void> {
          outcome = co_await service.post(std::move(what), soon());
          co_return result<void>();
        }(theirs, draft_of(119 - k, 5, "theirs"), outcomes[k]));
      }
      EXPECT_TRUE(other.run(all(std::move(posts))));
      for (const auto& outcome : outcomes) {
        done += outcome ? 1 : 0;
      }
    }
  });
  std::vector<draft> drafts;
  for (int k = 0; k < 20; ++k) {
    drafts.push_back(draft_of(100 + k, 9, "ours"));
  }
  for (int i = 0; i < 150; ++i) {
    for (const auto& outcome : post_all(drafts)) {
      ASSERT_TRUE(outcome) << to_string(outcome.error());
    }
  }
  elsewhere.join();
  EXPECT_EQ(done, 150 * 20);
  for (std::int64_t channel_id = 100; channel_id < 120; ++channel_id) {
    expect_no_gap("americas", channel_id);
  }
}

TEST_F(message_pgtest, two_servers_at_once_leave_no_gap_and_do_not_deadlock) {
  expect_two_servers_get_along(2);
}

TEST_F(message_pgtest, two_servers_that_make_the_same_ids_find_others) {
  expect_two_servers_get_along(message_settings().writer_number);
}

TEST_F(message_pgtest, a_repeat_answers_with_the_first_also_within_a_batch) {
  auto what = draft_of(4, 4, "once");
  what.client_msg_id = "mine";
  auto other = what;
  other.text = "another text under the same name";
  const auto outcomes = post_all({what, other, draft_of(4, 4, "beside"), what});
  std::set<std::int64_t> ids;
  int repeats = 0;
  for (const auto at : {0, 1, 3}) {
    ASSERT_TRUE(outcomes[at]) << to_string(outcomes[at].error());
    ids.insert(outcomes[at]->sent.id);
    repeats += outcomes[at]->is_repeat ? 1 : 0;
  }
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(repeats, 2);
  EXPECT_TRUE(outcomes[2]);
  const auto again = post(other);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->is_repeat);
  EXPECT_EQ(*ids.begin(), again->sent.id);
  EXPECT_EQ(again->sent.seq, outcomes[0]->sent.seq);
  EXPECT_EQ(again->sent.text, outcomes[0]->sent.text);
  expect_no_gap("europe", 4);
}

TEST_F(message_pgtest, a_post_whose_answer_was_lost_is_stored_once) {
  const auto count = [](const std::string& text) {
    return sql("europe", fmt::format("SELECT count(*) FROM message_europe WHERE message = '{}'", text));
  };
  ASSERT_TRUE(post(4, 4));
  for (const std::size_t size : {1, 3}) {
    const auto text = fmt::format("lost in a batch of {}", size);
    auto losing = test::lose_next_answer(*world, "geo-europe");
    const auto outcomes = post_all(std::vector(size, draft_of(4, 4, text)));
    losing.join();
    std::set<std::int64_t> ids;
    for (const auto& outcome : outcomes) {
      ASSERT_TRUE(outcome) << to_string(outcome.error());
      EXPECT_EQ(outcome->sent.text, text);
      EXPECT_FALSE(outcome->is_repeat) << "it is the first that was asked for";
      ids.insert(outcome->sent.id);
    }
    EXPECT_EQ(ids.size(), size);
    EXPECT_EQ(count(text), std::to_string(size));
  }
  expect_no_gap("europe", 4);
}

TEST_F(message_pgtest, a_bad_message_fails_alone) {
  auto no_thread = draft_of(1, 1, "reply to nothing");
  no_thread.thread_root_id = 424242;
  const std::vector<draft> drafts{
      draft_of(1, 1, "good"),    no_thread,
      draft_of(1, 3, "outside"), draft_of(50, 5, "not mine"),
      draft_of(51, 1, "late"),   draft_of(1, 5, std::string(40'001, 'x')),
      draft_of(1, 4, "a guest"), draft_of(1, 8, "good too"),
  };
  const auto outcomes = post_all(drafts);
  EXPECT_TRUE(outcomes[0]);
  EXPECT_EQ(code_of(outcomes[1]), errc::invalid_argument);
  EXPECT_EQ(outcomes[1].error().field, "thread_root_id");
  EXPECT_EQ(code_of(outcomes[2]), errc::forbidden);
  EXPECT_EQ(code_of(outcomes[3]), errc::not_found);
  EXPECT_EQ(code_of(outcomes[4]), errc::conflict);
  EXPECT_EQ(code_of(outcomes[5]), errc::invalid_argument) << outcomes[5].error().message;
  EXPECT_EQ(code_of(outcomes[6]), errc::not_found);
  EXPECT_TRUE(outcomes[7]);
  EXPECT_EQ(code_of(post(987654321, 1)), errc::not_found);
  expect_no_gap("americas", 1);
}

TEST_F(message_pgtest, who_may_not_see_a_channel_finds_nothing) {
  const auto secret = post(50, 1, "between us");
  ASSERT_TRUE(secret);
  const auto id = secret->sent.id;
  for (const std::int64_t outsider : {5, 3, 4, 2, 10}) {
    EXPECT_EQ(code_of(lane.run(service.list(50, outsider, {}, soon()))), errc::not_found);
    EXPECT_EQ(code_of(lane.run(service.list_changes(50, outsider, 0, 10, soon()))), errc::not_found);
    EXPECT_EQ(code_of(lane.run(service.get(id, outsider, soon()))), errc::not_found);
    EXPECT_EQ(code_of(lane.run(service.list_replies(id, outsider, 0, 10, soon()))), errc::not_found);
    EXPECT_EQ(code_of(lane.run(service.list_revisions(id, outsider, 0, 50, soon()))), errc::not_found);
    EXPECT_EQ(code_of(lane.run(service.edit(id, outsider, "x", std::nullopt, soon()))), errc::not_found);
    EXPECT_EQ(code_of(lane.run(service.remove(id, outsider, soon()))), errc::not_found);
    EXPECT_EQ(code_of(lane.run(service.react(id, outsider, "👍", true, soon()))), errc::not_found);
    EXPECT_EQ(code_of(lane.run(service.react(id, outsider, "👍", false, soon()))), errc::not_found);
    EXPECT_EQ(code_of(lane.run(service.mark_read(50, outsider, 1, false, soon()))), errc::not_found);
    EXPECT_EQ(lane.run(service.check_progress(50, outsider, soon())).value(), std::nullopt);
  }
  EXPECT_EQ(texts(50, 1), std::vector<std::string>{"between us"});
  // A public channel is read by the workspace's people, and not by its guests or others'.
  EXPECT_TRUE(lane.run(service.list(1, 3, {}, soon())));
  EXPECT_EQ(code_of(lane.run(service.list(1, 4, {}, soon()))), errc::not_found);
  EXPECT_EQ(code_of(lane.run(service.list(1, 10, {}, soon()))), errc::not_found);
}

TEST_F(message_pgtest, an_edit_keeps_history_and_knows_what_it_replaces) {
  const auto first = post(7, 9, "tpyo");
  ASSERT_TRUE(first);
  const auto id = first->sent.id;
  const auto edited = lane.run(service.edit(id, 9, "typo", first->sent.change_seq, soon()));
  ASSERT_TRUE(edited) << to_string(edited.error());
  EXPECT_EQ(edited->it.text, "typo");
  EXPECT_GT(edited->it.change_seq, first->sent.change_seq);
  EXPECT_TRUE(edited->it.edited_at);
  EXPECT_EQ(code_of(lane.run(service.edit(id, 9, "late", first->sent.change_seq, soon()))), errc::stale);
  EXPECT_EQ(code_of(lane.run(service.edit(id, 10, "not mine", std::nullopt, soon()))), errc::forbidden);
  // The same again is no change, whatever version it was meant for: the retry of a lost answer.
  const auto again = lane.run(service.edit(id, 9, "typo", first->sent.change_seq, soon()));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->it.change_seq, edited->it.change_seq);
  const auto history = lane.run(service.list_revisions(id, 10, 0, 50, soon()));
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 1U);
  EXPECT_EQ(history->front().text, "tpyo");
  EXPECT_EQ(history->front().change_seq, first->sent.change_seq);
  ASSERT_TRUE(lane.run(service.edit(id, 9, "right", std::nullopt, soon())));
  EXPECT_EQ(lane.run(service.list_revisions(id, 10, 0, 1, soon())).value().at(0).text, "tpyo");
  const auto page = lane.run(service.list_revisions(id, 10, history->front().change_seq, 1, soon())).value();
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].text, "typo");
  EXPECT_THAT(lane.run(service.list_revisions(id, 10, page[0].change_seq, 1, soon())).value(), IsEmpty());
}

TEST_F(message_pgtest, a_deleted_message_leaves_its_place_and_nothing_else) {
  const auto root = post(1, 5, "<@1> remember this");
  ASSERT_TRUE(root);
  const auto id = root->sent.id;
  ASSERT_TRUE(lane.run(service.edit(id, 5, "<@1> remember that", std::nullopt, soon())));
  ASSERT_TRUE(lane.run(service.react(id, 1, "👍", true, soon())));
  EXPECT_EQ(code_of(lane.run(service.remove(id, 8, soon()))), errc::forbidden);
  ASSERT_TRUE(lane.run(service.remove(id, 3, soon()))) << "an admin may";
  EXPECT_TRUE(lane.run(service.remove(id, 5, soon()))) << "again is no error";
  const auto left = lane.run(service.get(id, 1, soon()));
  ASSERT_TRUE(left);
  EXPECT_EQ(left->it.text, "");
  EXPECT_TRUE(left->it.deleted_at);
  EXPECT_EQ(left->it.reactions, std::nullopt);
  EXPECT_EQ(code_of(lane.run(service.edit(id, 5, "back", std::nullopt, soon()))), errc::conflict);
  EXPECT_EQ(code_of(lane.run(service.react(id, 1, "👍", true, soon()))), errc::conflict);
  EXPECT_EQ(
      sql("americas", fmt::format(
                          "SELECT (SELECT count(*) FROM message_revision WHERE message_id = {0}), "
                          "(SELECT count(*) FROM reaction WHERE message_id = {0}), "
                          "(SELECT count(*) FROM mention_americas WHERE channel_id = 1 AND seq = {1})",
                          id, root->sent.seq
                      )),
      "0|0|0"
  );
  expect_no_gap("americas", 1);
}

TEST_F(message_pgtest, reactions_are_counted_once_each) {
  const auto sent = post(1, 1, "vote");
  ASSERT_TRUE(sent);
  const auto id = sent->sent.id;
  std::vector<task<void>> votes;
  for (int i = 0; i < 5; ++i) {
    for (const std::int64_t voter : {1, 5, 8}) {
      votes.push_back([](message_service& service, std::int64_t message_id, std::int64_t profile_id) -> task<void> {
        const auto done = co_await service.react(message_id, profile_id, "👍", true, soon());
        EXPECT_TRUE(done) << to_string(done.error());
        co_return result<void>();
      }(service, id, voter));
    }
  }
  ASSERT_TRUE(lane.run(all(std::move(votes))));
  ASSERT_TRUE(lane.run(service.react(id, 5, "🐢", true, soon())));
  EXPECT_THAT(
      lane.run(service.get(id, 1, soon()))->it.reactions.value_or(""),
      testing::AllOf(HasSubstr("\"👍\", \"count\" : 3"), HasSubstr("\"🐢\", \"count\" : 1"))
  );
  for (const std::int64_t voter : {1, 5, 8, 8}) {
    ASSERT_TRUE(lane.run(service.react(id, voter, "👍", false, soon())));
  }
  EXPECT_EQ(sql("americas", fmt::format("SELECT reaction_count FROM message WHERE id = {}", id)), "1");
  EXPECT_EQ(code_of(lane.run(service.react(id, 3, "👍", true, soon()))), errc::forbidden);
}

TEST_F(message_pgtest, a_thread_hangs_on_its_first_message) {
  const auto root = post(4, 4, "root");
  ASSERT_TRUE(root);
  std::vector<draft> replies;
  for (int i = 0; i < 5; ++i) {
    replies.push_back(draft_of(4, 4, fmt::format("reply {}", i)));
    replies.back().thread_root_id = root->sent.id;
  }
  const auto sent = post_all(replies);
  ASSERT_TRUE(sent[0]);
  EXPECT_EQ(lane.run(service.get(root->sent.id, 4, soon()))->it.reply_count, 5);
  const auto page = lane.run(service.list_replies(root->sent.id, 4, 0, 3, soon()));
  ASSERT_TRUE(page);
  ASSERT_EQ(page->messages.size(), 3U);
  const auto rest = lane.run(service.list_replies(root->sent.id, 4, page->messages.back().seq, 3, soon()));
  EXPECT_EQ(rest->messages.size(), 2U);
  auto nested = draft_of(4, 4, "deeper");
  nested.thread_root_id = sent[0]->sent.id;
  EXPECT_EQ(code_of(post(nested)), errc::invalid_argument);
  ASSERT_TRUE(lane.run(service.remove(sent[0]->sent.id, 4, soon())));
  EXPECT_EQ(lane.run(service.get(root->sent.id, 4, soon()))->it.reply_count, 4);
}

TEST_F(message_pgtest, a_read_cursor_goes_forward_and_a_post_moves_it) {
  const auto before = post(1, 5);
  ASSERT_TRUE(before);
  const auto last = before->sent.seq;
  EXPECT_EQ(lane.run(service.mark_read(1, 8, last - 1, false, soon()))->read_seq, last - 1);
  EXPECT_EQ(lane.run(service.mark_read(1, 8, 1, false, soon()))->read_seq, last - 1);
  EXPECT_EQ(lane.run(service.mark_read(1, 8, last + 1000, false, soon()))->read_seq, last);
  EXPECT_EQ(lane.run(service.mark_read(1, 8, 1, true, soon()))->read_seq, 1);
  EXPECT_EQ(code_of(lane.run(service.mark_read(1, 3, 1, false, soon()))), errc::forbidden);
  const auto mine = post(1, 8, "I am here");
  ASSERT_TRUE(mine);
  const auto now = lane.run(service.mark_read(1, 8, 0, false, soon()));
  EXPECT_EQ(now->read_seq, mine->sent.seq);
  EXPECT_EQ(now->last_seq, mine->sent.seq);
}

TEST_F(message_pgtest, pages_and_changes_miss_nothing) {
  world->connect("geo-europe", "meridian_service").script(R"(
    INSERT INTO channel_europe (id, name, workspace_id, country) VALUES (60, 'pages', 3, 'Germany');
    INSERT INTO channel_member_europe (channel_id, profile_id, country) VALUES (60, 4, 'Germany');)");
  EXPECT_THAT(texts(60, 4), IsEmpty());
  for (int i = 1; i <= 7; ++i) {
    ASSERT_TRUE(post(60, 4, std::to_string(i)));
  }
  EXPECT_THAT(texts(60, 4, {.limit = 3}), ElementsAre("5", "6", "7"));
  EXPECT_THAT(texts(60, 4, {.before_seq = 5, .limit = 3}), ElementsAre("2", "3", "4"));
  EXPECT_THAT(texts(60, 4, {.after_seq = 5, .limit = 3}), ElementsAre("6", "7"));
  EXPECT_THAT(texts(60, 4, {.after_seq = 7}), IsEmpty());
  const auto all = lane.run(service.list(60, 4, {}, soon()));
  const auto mark = all->channel_change_seq;
  ASSERT_TRUE(lane.run(service.edit(all->messages[2].id, 4, "three", std::nullopt, soon())));
  ASSERT_TRUE(lane.run(service.remove(all->messages[4].id, 4, soon())));
  ASSERT_TRUE(lane.run(service.react(all->messages[0].id, 4, "👍", true, soon())));
  ASSERT_TRUE(post(60, 4, "8"));
  const auto changes = lane.run(service.list_changes(60, 4, mark, 100, soon()));
  ASSERT_TRUE(changes);
  std::vector<std::int64_t> seqs;
  for (const auto& one : changes->messages) {
    seqs.push_back(one.seq);
  }
  EXPECT_THAT(seqs, ElementsAre(3, 5, 1, 8));
  EXPECT_EQ(changes->messages.back().change_seq, changes->channel_change_seq);
}

TEST_F(message_pgtest, the_cheap_question_knows_every_change_of_a_local_channel_only) {
  const auto before = lane.run(service.check_progress(1, 1, soon()));
  ASSERT_TRUE(before && *before);
  ASSERT_TRUE(post(1, 1));
  const auto after = lane.run(service.check_progress(1, 1, soon()));
  EXPECT_EQ((*after)->change_seq, (*before)->change_seq + 1);
  // Also when it was made by somebody with psql.
  sql("asia", "INSERT INTO Message (channel_id, sender_id, message, country) VALUES (1, 1, 'by hand', 'USA')");
  EXPECT_EQ((*lane.run(service.check_progress(1, 1, soon())))->change_seq, (*before)->change_seq + 2);
  EXPECT_EQ(lane.run(service.check_progress(8, 9, soon())).value(), std::nullopt);
}

TEST_F(message_pgtest, mentions_are_those_of_the_text_as_it_is) {
  const auto sent = post(1, 1, "<@5> and @here");
  ASSERT_TRUE(sent);
  const auto called = [&] {
    return sql(
        "americas", fmt::format(
                        "SELECT string_agg(profile_id::text, ',' ORDER BY profile_id) FROM mention_americas "
                        "WHERE channel_id = 1 AND seq = {}",
                        sent->sent.seq
                    )
    );
  };
  EXPECT_EQ(called(), "0,5");
  ASSERT_TRUE(lane.run(service.edit(sent->sent.id, 1, "<@5> and <@8>", std::nullopt, soon())));
  EXPECT_EQ(called(), "5,8");
  ASSERT_TRUE(lane.run(service.edit(sent->sent.id, 1, "nobody", std::nullopt, soon())));
  EXPECT_EQ(called(), "");
}

}  // namespace
}  // namespace meridian::messaging
