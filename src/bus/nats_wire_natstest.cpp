// Processes that hear each other through real servers.
#include <chrono>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bus/event_codec.hpp"
#include "bus/listening_lane.hpp"
#include "bus/nats_wire.hpp"
#include "support/nats_server.hpp"
#include "support/wait.hpp"

namespace meridian::bus {
namespace {

using namespace std::chrono_literals;
using test::nats_server;
using test::wait_until;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr topic channel_8{audience::channel, 8};
constexpr topic channel_9{audience::channel, 9};

nats_settings settings_for(const nats_server& server) {
  nats_settings made;
  made.address = "127.0.0.1";
  made.port = server.port();
  made.account = nats_server::account;
  made.password = nats_server::password;
  made.prefix = "here";
  made.name = "a test";
  made.retry_interval = 50ms;
  made.retry_jitter = 20ms;
  made.ping_interval = 500ms;
  made.beat_interval = 100ms;
  return made;
}

event large_message(std::int64_t seq, std::size_t frame_bytes) {
  auto made = message_in(8, seq);
  made.frame = R"({"type":"message","text":""})";
  made.frame.insert(made.frame.size() - 2, frame_bytes - made.frame.size(), 'x');
  return made;
}

// A serving process, as the bus knows it.
class process {
 public:
  explicit process(const nats_server& server) : process(settings_for(server)) {}
  explicit process(nats_settings set) : lane(shared), other_lane(shared), wire(shared, std::move(set)) {
    shared.connect(wire);
  }
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process() {
    lane.end();
    other_lane.end();
    shared.disconnect();
  }

  wire_counters counters() const { return wire.observe(); }
  bool is_connected() const { return counters().is_connected; }
  bool has_heard(std::size_t count) {
    return wait_until([&] { return lane.seqs().size() >= count; }, 10s);
  }
  // Subscribing takes a moment: until the first event comes through, and then the last of these.
  void follow(topic which, process& speaker) {
    constexpr std::int64_t first = 1'000'000;
    lane.follow(which);
    EXPECT_TRUE(wait_until([&] {
      speaker.lane.publish(which.id, first);
      return !lane.seqs().empty();
    }));
    speaker.lane.publish(which.id, first + 1);
    EXPECT_TRUE(wait_until([&] { return lane.seqs().back() == first + 1; }));
    lane.on([&] { lane.heard.clear(); });
  }

  process_bus shared;
  listening_lane lane;
  listening_lane other_lane;
  nats_wire wire;
};

class nats_wire_natstest : public testing::Test {
 protected:
  nats_wire_natstest() { server.start(); }

  nats_server server;
};

TEST_F(nats_wire_natstest, an_event_crosses_to_those_who_follow_and_comes_once) {
  process one(server);
  process other(server);
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  one.lane.follow(channel_8);
  one.other_lane.follow(channel_8);
  other.follow(channel_8, one);
  one.other_lane.on([&] { one.other_lane.heard.clear(); });
  one.lane.on([&] { one.lane.heard.clear(); });
  for (std::int64_t seq = 1; seq <= 500; ++seq) {
    one.lane.publish(8, seq);
    one.lane.publish(9, seq);
  }
  ASSERT_TRUE(other.has_heard(500));
  std::int64_t expected = 0;
  for (const auto seq : other.lane.seqs()) {
    EXPECT_EQ(seq, ++expected);
  }
  EXPECT_EQ(one.lane.seqs().size(), 500U) << "echoed";
  EXPECT_EQ(one.other_lane.seqs().size(), 500U) << "echoed";
  EXPECT_EQ(one.counters().received, 0U);
  EXPECT_EQ(other.counters().refused, 0U);
  const auto& crossed = *other.lane.heard.front();
  EXPECT_EQ(crossed.frame, message_in(8, 1).frame);
  EXPECT_EQ(crossed.change_seq, 1);
}

TEST_F(nats_wire_natstest, what_is_not_followed_any_more_does_not_come) {
  process one(server);
  process other(server);
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  other.follow(channel_8, one);
  other.follow(channel_9, one);
  other.other_lane.follow(channel_8);
  other.lane.unfollow(channel_8);
  one.lane.publish(8, 1);
  EXPECT_TRUE(wait_until([&] { return !other.other_lane.seqs().empty(); })) << "the other lane follows it still";
  other.other_lane.unfollow(channel_8);
  // The end takes a moment, too: until of two events one comes.
  EXPECT_TRUE(wait_until([&] {
    const auto before = other.counters().received;
    const auto heard = other.lane.seqs().size();
    one.lane.publish(8, 3);
    one.lane.publish(9, 4);
    EXPECT_TRUE(other.has_heard(heard + 1));
    return other.counters().received - before == 1;
  }));
  EXPECT_THAT(other.lane.seqs(), testing::Each(4)) << "the lane itself follows 9 only";
}

TEST_F(nats_wire_natstest, topologies_do_not_hear_each_other) {
  process one(server);
  auto elsewhere = settings_for(server);
  elsewhere.prefix = "elsewhere";
  process stranger(elsewhere);
  process other(server);
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected() && stranger.is_connected(); }));
  stranger.lane.follow(channel_8);
  other.follow(channel_8, one);
  one.lane.publish(8, 1);
  ASSERT_TRUE(other.has_heard(1));
  EXPECT_EQ(stranger.counters().received, 0U);
}

TEST_F(nats_wire_natstest, a_server_that_was_killed_is_found_again_and_the_lanes_are_told) {
  process one(server);
  process other(server);
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  other.follow(channel_8, one);
  const auto losses = other.lane.loss_count();
  server.kill();
  ASSERT_TRUE(wait_until([&] { return !one.is_connected() && !other.is_connected(); }));
  EXPECT_EQ(other.lane.loss_count(), losses) << "too early: what comes now is not heard";
  one.lane.publish(8, 1);
  EXPECT_GE(one.counters().lost, 1U);
  server.start();
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  EXPECT_TRUE(wait_until([&] { return other.lane.loss_count() > losses && other.other_lane.loss_count() > 0; }));
  EXPECT_EQ(other.counters().connects, 2U);
  EXPECT_TRUE(wait_until([&] {
    one.lane.publish(8, 2);
    return !other.lane.seqs().empty();
  })) << "the subscription did not come back";
  EXPECT_THAT(other.lane.seqs(), testing::Each(2));
}

TEST_F(nats_wire_natstest, a_process_may_be_there_before_its_server) {
  server.kill();
  process one(server);
  process other(server);
  other.lane.follow(channel_8);
  EXPECT_FALSE(one.is_connected());
  server.start();
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  EXPECT_TRUE(wait_until([&] {
    one.lane.publish(8, 1);
    return !other.lane.seqs().empty();
  }));
}

TEST_F(nats_wire_natstest, a_frozen_server_holds_up_no_lane) {
  auto small = settings_for(server);
  small.waiting.events_max = 1000;
  process one(small);
  process other(server);
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  one.lane.follow(channel_8);
  other.follow(channel_8, one);
  server.freeze();
  const auto begun = std::chrono::steady_clock::now();
  const auto large = large_message(1, 200'000);
  one.lane.on([&] {
    for (int count = 0; count < 300; ++count) {  // 60 MB: no buffer holds them
      one.lane.bus.publish(large);
    }
  });
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1500ms);
  EXPECT_GE(one.counters().lost, 100U);
  EXPECT_TRUE(wait_until([&] { return !one.is_connected(); }, 10s)) << "not seen to be frozen";
  server.thaw();
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  EXPECT_TRUE(wait_until([&] {
    one.lane.publish(8, 2);
    const auto seqs = other.lane.seqs();
    return !seqs.empty() && seqs.back() == 2;
  }));
}

TEST_F(nats_wire_natstest, octets_that_are_no_event_are_refused_and_told_as_a_loss) {
  process one(server);
  process other(server);
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  other.follow(channel_8, one);
  const auto losses = other.lane.loss_count();
  const auto elsewhere = encode(message_in(9, 1)).value();
  for (const auto& octets : {std::string("garbage"), std::string(), std::string(100'000, '\1'), elsewhere}) {
    test::nats_publish(server.sign_in(), "here.channel.8", octets);
  }
  EXPECT_TRUE(wait_until([&] { return other.counters().refused == 4; })) << other.counters().refused;
  EXPECT_TRUE(wait_until([&] { return other.lane.loss_count() > losses; }));
  EXPECT_THAT(other.lane.seqs(), IsEmpty());
  test::nats_publish(server.sign_in(), "here.channel.8", encode(message_in(8, 5)).value());
  EXPECT_TRUE(other.has_heard(1));
  EXPECT_THAT(other.lane.seqs(), ElementsAre(5));
}

TEST_F(nats_wire_natstest, a_large_event_crosses_and_one_that_is_too_large_is_lost) {
  process one(server);
  process other(server);
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  one.lane.follow(channel_8);
  other.follow(channel_8, one);
  one.lane.on([&] { one.lane.heard.clear(); });
  auto large = large_message(1, frame_bytes_max);
  one.lane.on([&] { one.lane.bus.publish(large); });
  ASSERT_TRUE(other.has_heard(1));
  EXPECT_EQ(other.lane.heard.front()->frame, large.frame);
  EXPECT_EQ(one.counters().lost, 0U);
  large.frame.insert(large.frame.size() - 2, "x");
  one.lane.on([&] { one.lane.bus.publish(large); });
  EXPECT_TRUE(wait_until([&] { return one.counters().lost == 1; }));
  one.lane.publish(8, 3);
  ASSERT_TRUE(other.has_heard(2));
  EXPECT_THAT(other.lane.seqs(), ElementsAre(1, 3));
  EXPECT_EQ(one.lane.seqs().size(), 3U) << "lanes of the process have it all the same";
}

TEST_F(nats_wire_natstest, a_wrong_password_is_tried_again_and_nothing_else_happens) {
  auto wrong = settings_for(server);
  wrong.password = "wrong";
  process one(wrong);
  one.lane.follow(channel_8);
  one.lane.publish(8, 1);
  EXPECT_TRUE(one.has_heard(1));
  EXPECT_FALSE(one.is_connected());
  EXPECT_GE(one.counters().lost, 1U);
}

// A server for each of two regions, and a process at each.
class nats_gateways : public testing::Test {
 protected:
  struct server_pair {
    server_pair() {
      west.join(east);
      east.join(west);
      west.start();
      east.start();
    }
    nats_server west{"west"};
    nats_server east{"east"};
  };

  server_pair servers;
  nats_server& west = servers.west;
  process one{servers.west};
  process other{servers.east};
};

TEST_F(nats_gateways, regions_hear_each_other_and_content_goes_only_where_somebody_follows) {
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  ASSERT_TRUE(wait_until([&] { return west.say("/gatewayz").find("\"east\"") != std::string::npos; }));
  other.follow(channel_8, one);
  one.lane.publish(8, 1);
  ASSERT_TRUE(other.has_heard(1));
  // "interest_mode" of the account by which they sign in.
  EXPECT_THAT(west.say("/gatewayz?accs=1"), HasSubstr("Interest-Only"));
  const auto sent_to_east = [&] {
    const auto said = west.say("/gatewayz");
    return said.substr(said.find("outbound_gateways"));
  };
  const auto before = sent_to_east();
  for (int count = 0; count < 100; ++count) {
    one.lane.publish(9, count + 1);
  }
  one.lane.publish(8, 2);
  ASSERT_TRUE(other.has_heard(2));
  const auto out_messages = [](const std::string& said) {
    const std::string key = "\"out_msgs\": ";
    const auto at = said.find(key);
    return at == std::string::npos ? -1 : std::stol(said.substr(at + key.size()));
  };
  // The servers' own talk is counted, too.
  EXPECT_LT(out_messages(sent_to_east()) - out_messages(before), 50)
      << "channel 9 went to a region that has no follower";
}

// Both have their servers all the time, or so they think.
TEST_F(nats_gateways, what_another_process_could_not_tell_is_told_as_a_loss) {
  ASSERT_TRUE(wait_until([&] { return one.is_connected() && other.is_connected(); }));
  other.follow(channel_8, one);
  const auto settling = [] { return false; };  // beats go on meanwhile
  wait_until(settling, 500ms);
  const auto losses = other.lane.loss_count();
  EXPECT_FALSE(wait_until([&] { return other.lane.loss_count() > losses; }, 500ms)) << "nothing was lost";
  west.kill();
  ASSERT_TRUE(wait_until([&] { return !one.is_connected(); }));
  one.lane.publish(8, 1);
  west.start();
  ASSERT_TRUE(wait_until([&] { return one.is_connected(); }));
  EXPECT_TRUE(wait_until([&] { return other.lane.loss_count() > losses; }));
  EXPECT_EQ(other.counters().connects, 1U);
}

}  // namespace
}  // namespace meridian::bus
