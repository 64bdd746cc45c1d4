#include "realtime/sequencer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::realtime {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class sequencer_test : public testing::Test, protected event_sink {
 protected:
  void deliver(const bus::shared_event& what) override { delivered.push_back(what->change_seq); }
  void give_up(std::int64_t change_seq) override { given_up.push_back(change_seq); }

  static bus::shared_event event(std::int64_t change_seq, std::int64_t seq = 0) {
    auto made = std::make_shared<bus::event>();
    made->change_seq = change_seq;
    made->seq = seq;
    return made;
  }
  void come(std::int64_t change_seq) { order.on_event(event(change_seq), now, rules, *this); }
  void answer(std::vector<std::int64_t> rows, bool is_complete, std::int64_t change_seq) {
    changes told;
    for (const auto one : rows) {
      told.events.push_back(event(one));
    }
    told.is_complete = is_complete;
    told.change_seq = change_seq;
    order.on_changes(told, now, rules, *this);
  }

  order_settings rules;
  sequencer::clock::time_point now = sequencer::clock::time_point() + std::chrono::hours(1);
  sequencer order{10, 4};
  std::vector<std::int64_t> delivered;
  std::vector<std::int64_t> given_up;
};

TEST_F(sequencer_test, what_comes_in_order_passes_and_asks_nothing) {
  come(11);
  come(12);
  EXPECT_THAT(delivered, ElementsAre(11, 12));
  EXPECT_EQ(order.known(), 12);
  EXPECT_FALSE(order.due());
}

TEST_F(sequencer_test, repeats_and_what_lies_before_the_beginning_are_dropped) {
  come(10);
  come(11);
  come(11);
  come(3);
  EXPECT_THAT(delivered, ElementsAre(11));
}

TEST_F(sequencer_test, what_overtook_another_waits_for_it) {
  come(13);
  come(12);
  EXPECT_THAT(delivered, IsEmpty());
  EXPECT_EQ(order.due(), now + rules.patience);
  come(11);
  EXPECT_THAT(delivered, ElementsAre(11, 12, 13));
  EXPECT_FALSE(order.due());
}

TEST_F(sequencer_test, what_is_late_is_asked_for) {
  come(13);
  now += rules.patience;
  EXPECT_EQ(order.begin_question(), 10);
  EXPECT_FALSE(order.due());  // one question at a time
  answer({11, 12, 13}, true, 13);
  EXPECT_THAT(delivered, ElementsAre(11, 12, 13));
  EXPECT_FALSE(order.due());
}

TEST_F(sequencer_test, a_counter_that_is_ahead_is_a_gap_unless_the_events_come) {
  order.on_counter(12, now, rules);
  EXPECT_TRUE(order.due());
  come(11);
  come(12);
  EXPECT_FALSE(order.due());
  order.on_counter(13, now, rules);
  order.begin_question();
  answer({13}, true, 13);
  EXPECT_THAT(delivered, ElementsAre(11, 12, 13));
}

TEST_F(sequencer_test, numbers_of_changes_that_others_overtook_are_left_out) {
  come(15);
  order.begin_question();
  answer({12, 15}, true, 16);
  EXPECT_THAT(delivered, ElementsAre(12, 15));
  EXPECT_EQ(order.known(), 16);
  come(17);
  EXPECT_THAT(delivered, ElementsAre(12, 15, 17));
}

TEST_F(sequencer_test, a_long_answer_comes_in_pages) {
  order.on_counter(14, now, rules);
  order.begin_question();
  answer({11, 12}, false, 14);
  EXPECT_EQ(order.due(), now);
  EXPECT_EQ(order.begin_question(), 12);
  answer({13, 14}, true, 14);
  EXPECT_THAT(delivered, ElementsAre(11, 12, 13, 14));
}

TEST_F(sequencer_test, what_comes_during_a_question_is_not_lost) {
  come(12);
  order.begin_question();
  come(13);
  come(14);
  answer({11, 12}, true, 12);
  EXPECT_THAT(delivered, ElementsAre(11, 12, 13, 14));
  EXPECT_FALSE(order.due());
}

TEST_F(sequencer_test, messages_count_as_new_from_where_the_questions_began) {
  order.on_event(event(11, 5), now, rules, *this);
  order.on_event(event(14, 7), now, rules, *this);
  order.begin_question();
  EXPECT_EQ(order.new_behind_seq(), 5);
  answer({12}, false, 14);
  order.begin_question();
  EXPECT_EQ(order.new_behind_seq(), 5);
}

TEST_F(sequencer_test, a_question_that_fails_is_asked_again_and_given_up_in_the_end) {
  come(13);
  auto pause = rules.retry_pause;
  for (int tries = 1; tries < rules.tries_max; ++tries) {
    order.begin_question();
    order.on_failure(now, rules, *this);
    EXPECT_EQ(order.due(), now + pause);
    pause *= 2;
  }
  EXPECT_THAT(given_up, IsEmpty());
  order.begin_question();
  order.on_failure(now, rules, *this);
  EXPECT_THAT(given_up, ElementsAre(13));
  come(14);
  EXPECT_THAT(delivered, ElementsAre(14));
  EXPECT_FALSE(order.due());
}

TEST_F(sequencer_test, a_channel_far_behind_is_left_to_its_readers) {
  order.on_counter(5000, now, rules);
  order.begin_question();
  answer({11, 12}, false, 5000);
  EXPECT_THAT(delivered, ElementsAre(11, 12));
  EXPECT_THAT(given_up, ElementsAre(5000));
  come(5001);
  EXPECT_EQ(order.known(), 5001);
}

TEST_F(sequencer_test, keeps_so_many_and_asks_for_the_rest) {
  rules.kept_max = 2;
  come(13);
  come(15);
  come(12);  // nearer: 15 makes room
  come(14);
  come(11);
  EXPECT_THAT(delivered, ElementsAre(11, 12, 13));
  EXPECT_TRUE(order.due());
  order.begin_question();
  answer({14, 15}, true, 15);
  EXPECT_EQ(order.known(), 15);
}

TEST_F(sequencer_test, what_never_was_does_not_stop_the_channel) {
  come(99);
  order.begin_question();
  answer({11}, true, 11);
  EXPECT_FALSE(order.due());
  come(12);
  EXPECT_THAT(delivered, ElementsAre(11, 12));
}

}  // namespace
}  // namespace meridian::realtime
