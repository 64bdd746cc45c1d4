#include "realtime/presence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::realtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct reader : follower {};

class presence_test : public testing::Test {
 protected:
  presence_rules rules;
  presence board{rules};
  presence::clock::time_point now = presence::clock::time_point() + std::chrono::hours(1);
  reader watcher;
};

TEST_F(presence_test, who_comes_back_soon_was_not_away) {
  EXPECT_TRUE(board.arrive(9));
  board.leave(9, now);
  now += rules.grace / 2;
  EXPECT_THAT(board.take_gone(now), IsEmpty());
  EXPECT_FALSE(board.arrive(9));
  now += rules.grace;
  EXPECT_THAT(board.take_gone(now), IsEmpty());
}

TEST_F(presence_test, who_stays_away_is_gone_once) {
  board.arrive(9);
  board.leave(9, now);
  EXPECT_TRUE(board.is_here(9));
  now += rules.grace;
  EXPECT_THAT(board.take_gone(now), ElementsAre(9));
  EXPECT_THAT(board.take_gone(now), IsEmpty());
  EXPECT_FALSE(board.is_here(9));
  EXPECT_TRUE(board.arrive(9));
}

TEST_F(presence_test, is_online_while_any_lane_says_so) {
  EXPECT_FALSE(board.on_word(9, 1, true, now));  // nobody watches
  EXPECT_TRUE(board.watch(9, watcher));
  EXPECT_TRUE(board.on_word(9, 1, true, now));
  EXPECT_FALSE(board.on_word(9, 2, true, now));
  EXPECT_FALSE(board.on_word(9, 1, false, now));
  EXPECT_TRUE(board.is_online(9));
  EXPECT_TRUE(board.on_word(9, 2, false, now));
  EXPECT_FALSE(board.is_online(9));
}

TEST_F(presence_test, the_word_of_a_lane_that_died_lapses) {
  board.watch(9, watcher);
  board.on_word(9, 1, true, now);
  now += rules.lease / 2;
  board.on_word(9, 1, true, now);
  now += rules.lease / 2;
  EXPECT_THAT(board.take_lapsed(now), IsEmpty());
  now += rules.lease / 2;
  EXPECT_THAT(board.take_lapsed(now), ElementsAre(9));
  EXPECT_THAT(board.take_lapsed(now), IsEmpty());
}

TEST_F(presence_test, asks_at_once_and_then_again_before_the_lease_ends) {
  board.watch(9, watcher);
  EXPECT_THAT(board.take_to_ask(now), ElementsAre(9));
  EXPECT_THAT(board.take_to_ask(now), IsEmpty());
  now += rules.ask_interval;
  EXPECT_THAT(board.take_to_ask(now), ElementsAre(9));
  EXPECT_LT(rules.ask_interval * 2, rules.lease);
  EXPECT_TRUE(board.unwatch(9, watcher));
  now += rules.ask_interval;
  EXPECT_THAT(board.take_to_ask(now), IsEmpty());
}

}  // namespace
}  // namespace meridian::realtime
