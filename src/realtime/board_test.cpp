#include "realtime/board.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::realtime {
namespace {

using testing::ElementsAre;

struct reader : follower {};

class board_test : public testing::Test, protected board_listener {
 protected:
  void begin(const followed_channel& channel) override { begun.push_back(channel.where.channel_id); }
  void end(const followed_channel& channel) override { ended.push_back(channel.where.channel_id); }
  void deliver(const followed_channel& channel, const bus::shared_event& what) override {
    for (std::size_t count = 0; count < channel.followers.size(); ++count) {
      delivered.push_back(what->change_seq);
    }
  }
  void give_up(const followed_channel&, std::int64_t) override {}

  static place at(std::int64_t channel_id, std::int64_t change_seq) {
    place one;
    one.channel_id = channel_id;
    one.change_seq = change_seq;
    return one;
  }
  void come(std::int64_t channel_id, std::int64_t change_seq) {
    auto made = std::make_shared<bus::event>();
    made->channel_id = channel_id;
    made->change_seq = change_seq;
    channels.on_event(made, now);
  }

  board channels{*this};
  board::clock::time_point now = board::clock::time_point() + std::chrono::hours(1);
  std::vector<std::int64_t> begun;
  std::vector<std::int64_t> ended;
  std::vector<std::int64_t> delivered;
};

TEST_F(board_test, a_channel_is_there_while_somebody_follows) {
  reader one;
  reader other;
  channels.follow(at(1, 5), one, now);
  channels.follow(at(1, 5), other, now);
  EXPECT_THAT(begun, ElementsAre(1));
  come(1, 6);
  EXPECT_THAT(delivered, ElementsAre(6, 6));
  channels.unfollow(1, one);
  EXPECT_EQ(channels.size(), 1U);
  channels.unfollow(1, other);
  EXPECT_THAT(ended, ElementsAre(1));
  EXPECT_EQ(channels.size(), 0U);
  come(1, 7);
  EXPECT_THAT(delivered, ElementsAre(6, 6));
}

TEST_F(board_test, who_joins_begins_where_the_channel_is_here_and_not_where_the_database_is) {
  reader one;
  reader other;
  channels.follow(at(1, 5), one, now);
  EXPECT_EQ(channels.follow(at(1, 8), other, now).change_seq, 5);
  EXPECT_TRUE(channels.due());  // what the database has is asked for
  come(1, 6);
  come(1, 7);
  EXPECT_EQ(channels.follow(at(1, 6), other, now).change_seq, 7);
}

TEST_F(board_test, so_many_questions_begin_and_no_more) {
  reader one;
  for (std::int64_t id = 1; id <= 3; ++id) {
    channels.follow(at(id, 1), one, now);
    come(id, 3);
  }
  now += order_settings().patience;
  EXPECT_EQ(channels.begin_questions(now, 2).size(), 2U);
  EXPECT_EQ(channels.begin_questions(now, 2).size(), 1U);
  EXPECT_FALSE(channels.due());
}

TEST_F(board_test, an_answer_to_a_channel_that_was_forgotten_meanwhile_is_dropped) {
  reader one;
  channels.follow(at(1, 1), one, now);
  come(1, 3);
  now += order_settings().patience;
  const auto asked = channels.begin_questions(now, 1);
  channels.unfollow(1, one);
  channels.follow(at(1, 3), one, now);
  changes told;
  told.change_seq = 9;
  told.is_complete = true;
  channels.on_changes(asked.front(), told, now);
  EXPECT_EQ(channels.find(1)->order.known(), 3);
}

TEST(follower_set, holds_each_once) {
  reader one;
  reader other;
  follower_set some;
  EXPECT_TRUE(some.add(one));
  EXPECT_FALSE(some.add(one));
  EXPECT_TRUE(some.add(other));
  EXPECT_TRUE(some.has(other));
  EXPECT_TRUE(some.remove(one));
  EXPECT_FALSE(some.remove(one));
  EXPECT_EQ(some.size(), 1U);
}

}  // namespace
}  // namespace meridian::realtime
