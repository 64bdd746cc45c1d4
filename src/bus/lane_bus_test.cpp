#include "bus/lane_bus.hpp"

#include <future>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bus/listening_lane.hpp"
#include "bus/process_bus.hpp"

namespace meridian::bus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr topic channel_8{audience::channel, 8};
constexpr topic channel_9{audience::channel, 9};

// Remembers what it is told.
class recording_wire final : public wire {
 public:
  void follow(const topic& which) override { told.push_back("+" + to_string(which)); }
  void unfollow(const topic& which) override { told.push_back("-" + to_string(which)); }
  void send(const topic& which, const shared_event& /*what*/) override { told.push_back(to_string(which)); }
  wire_counters observe() const override { return {}; }

  std::vector<std::string> told;
};

TEST(lane_bus, an_event_reaches_each_lane_that_follows_once_and_no_other) {
  process_bus shared;
  listening_lane one(shared);
  listening_lane other(shared);
  listening_lane third(shared);
  one.follow(channel_8);
  other.follow(channel_8);
  third.follow(channel_9);
  one.publish(8, 1);
  other.publish(8, 2);
  EXPECT_THAT(one.seqs(), ElementsAre(1, 2));
  EXPECT_THAT(other.seqs(), ElementsAre(1, 2));
  EXPECT_THAT(third.seqs(), IsEmpty());
  EXPECT_EQ(one.heard.front(), other.heard.front()) << "copied";
  EXPECT_EQ(shared.observe().published, 2U);
  EXPECT_EQ(shared.observe().delivered, 4U);
}

TEST(lane_bus, the_end_of_a_turn_is_told_behind_all_that_came_in_it) {
  boost::asio::io_context loop;
  process_bus shared;
  auto& bus = shared.add_lane(loop.get_executor());
  std::string told;
  bus.listen([&](const shared_event& what) { told += std::to_string(what->seq); }, [] {}, [&] { told += "."; });
  bus.follow(channel_8);
  bus.publish(message_in(8, 1));
  bus.publish(message_in(8, 2));
  loop.run();
  bus.publish(message_in(8, 3));
  loop.restart();
  loop.run();
  EXPECT_EQ(told, "12.3.");
}

TEST(lane_bus, a_topic_is_followed_until_the_last_unfollow) {
  process_bus shared;
  listening_lane one(shared);
  listening_lane other(shared);
  one.follow(channel_8);
  one.follow(channel_8);
  one.unfollow(channel_8);
  other.publish(8, 1);
  EXPECT_THAT(one.seqs(), ElementsAre(1));
  one.unfollow(channel_8);
  other.publish(8, 2);
  EXPECT_THAT(one.seqs(), ElementsAre(1));
  EXPECT_EQ(one.on([&] { return one.bus.topic_count(); }), 0U);
  EXPECT_THROW(one.unfollow(channel_8), std::logic_error);
}

TEST(lane_bus, nothing_is_made_for_a_topic_that_nobody_follows) {
  process_bus shared;
  listening_lane one(shared);
  listening_lane other(shared);
  EXPECT_FALSE(one.bus.is_heard(channel_8));
  one.publish(8, 1);
  EXPECT_EQ(shared.observe().published, 0U);
  other.follow(channel_8);
  EXPECT_TRUE(one.bus.is_heard(channel_8));
  EXPECT_FALSE(one.bus.is_heard(channel_9));
}

TEST(lane_bus, a_listener_is_called_in_a_turn_of_its_own) {
  process_bus shared;
  listening_lane one(shared);
  one.follow(channel_8);
  const auto heard_within = one.on([&] {
    one.bus.publish(message_in(8, 1));
    return one.heard.size();
  });
  EXPECT_EQ(heard_within, 0U);
  EXPECT_THAT(one.seqs(), ElementsAre(1));
}

TEST(lane_bus, what_is_unfollowed_while_it_waits_is_not_heard) {
  process_bus shared;
  listening_lane one(shared);
  one.follow(channel_8);
  one.on([&] {
    one.bus.publish(message_in(8, 1));
    one.bus.unfollow(channel_8);
  });
  EXPECT_THAT(one.seqs(), IsEmpty());
}

// Each lane publishes as fast as it can, and all follow: nothing is lost below the caps, nothing comes twice, and what
// one lane said comes in its order.
TEST(lane_bus, lanes_hear_each_other_in_order) {
  constexpr int lane_count = 4;
  constexpr std::int64_t events_each = 2000;
  process_bus shared;
  std::vector<std::unique_ptr<listening_lane>> lanes;
  for (int count = 0; count < lane_count; ++count) {
    lanes.push_back(std::make_unique<listening_lane>(shared));
  }
  for (const auto& lane : lanes) {
    lane->follow(channel_8);
  }
  std::vector<std::thread> speakers;
  for (int from = 0; from < lane_count; ++from) {
    speakers.emplace_back([&, from] {
      for (std::int64_t seq = 1; seq <= events_each; ++seq) {
        lanes[from]->on([&] { lanes[from]->bus.publish(message_in(8, seq, from)); });
      }
    });
  }
  for (auto& one : speakers) {
    one.join();
  }
  for (const auto& lane : lanes) {
    ASSERT_EQ(lane->seqs().size(), lane_count * events_each);
    EXPECT_EQ(lane->loss_count(), 0);
    std::map<std::int64_t, std::int64_t> last;
    for (const auto& one : lane->heard) {
      ASSERT_EQ(one->seq, ++last[one->profile_id]);
    }
  }
}

// Nobody else follows: whoever publishes after follow() has come back must see it.
TEST(lane_bus, what_is_published_after_follow_arrives) {
  process_bus shared;
  listening_lane follower(shared);
  listening_lane speaker(shared);
  for (std::int64_t round = 1; round <= 500; ++round) {
    follower.follow(channel_8);
    speaker.publish(8, round);
    const auto heard = follower.seqs();
    ASSERT_FALSE(heard.empty());
    ASSERT_EQ(heard.back(), round);
    follower.unfollow(channel_8);
  }
}

class lane_bus_full : public testing::TestWithParam<inbox_limits> {};

// A lane that is busy gets what it has room for, then the word that there was more, and then what comes later.
TEST_P(lane_bus_full, what_does_not_fit_is_told_as_lost) {
  process_bus shared(GetParam());
  listening_lane busy(shared);
  listening_lane speaker(shared);
  busy.follow(channel_8);
  std::promise<void> finish;
  std::promise<void> begun;
  std::thread work([&] {
    busy.on([&] {
      begun.set_value();
      finish.get_future().wait();
    });
  });
  begun.get_future().wait();
  for (std::int64_t seq = 1; seq <= 20; ++seq) {
    speaker.publish(8, seq);
  }
  EXPECT_EQ(shared.observe().waiting, 10U);
  finish.set_value();
  work.join();
  EXPECT_THAT(busy.seqs(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_EQ(busy.loss_count(), 1);
  EXPECT_EQ(shared.observe().lost, 1U);
  EXPECT_EQ(shared.observe().waiting, 0U);
  speaker.publish(8, 21);
  EXPECT_EQ(busy.seqs().back(), 21);
  EXPECT_EQ(busy.loss_count(), 1);
}

INSTANTIATE_TEST_SUITE_P(
    limits, lane_bus_full,
    testing::Values(
        inbox_limits{.events_max = 10},
        inbox_limits{.bytes_max = 10 * (160 + std::string_view("{\"type\":\"message\"}").size())}
    )
);

// More than one turn's worth, of which the last must not wait for another event.
TEST(lane_bus, a_long_queue_is_worked_off_by_itself) {
  process_bus shared;
  listening_lane one(shared);
  one.follow(channel_8);
  one.on([&] {
    for (std::int64_t seq = 1; seq <= 1000; ++seq) {
      one.bus.publish(message_in(8, seq));
    }
  });
  EXPECT_EQ(one.seqs().size(), 1000U);
}

TEST(lane_bus, the_wire_is_told_of_each_lane_once_and_of_each_event) {
  process_bus shared;
  recording_wire beyond;
  shared.connect(beyond);
  listening_lane one(shared);
  listening_lane other(shared);
  EXPECT_TRUE(one.bus.is_heard(channel_9)) << "other processes may follow it";
  one.follow(channel_8);
  one.follow(channel_8);
  other.follow(channel_8);
  one.publish(9, 1);
  one.publish(8, 2);
  one.unfollow(channel_8);
  one.unfollow(channel_8);
  EXPECT_THAT(beyond.told, ElementsAre("+channel.8", "+channel.8", "channel.9", "channel.8", "-channel.8"));
}

TEST(lane_bus, what_comes_over_the_wire_reaches_those_who_follow) {
  process_bus shared;
  listening_lane one(shared);
  listening_lane other(shared);
  one.follow(channel_8);
  shared.deliver(std::make_shared<const event>(message_in(8, 1)));
  shared.announce_loss();
  EXPECT_THAT(one.seqs(), ElementsAre(1));
  EXPECT_THAT(other.seqs(), IsEmpty());
  EXPECT_EQ(one.loss_count(), 1);
  EXPECT_EQ(other.loss_count(), 1);
}

}  // namespace
}  // namespace meridian::bus
