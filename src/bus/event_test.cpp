#include "bus/event.hpp"

#include <gtest/gtest.h>

namespace meridian::bus {
namespace {

event event_about(event_kind what) {
  event made;
  made.what = what;
  made.channel_id = 8;
  made.profile_id = 9;
  return made;
}

TEST(event, goes_to_those_whom_it_concerns) {
  EXPECT_EQ(subject_of(event_about(event_kind::message)), "channel.8");
  EXPECT_EQ(subject_of(event_about(event_kind::change)), "channel.8");
  EXPECT_EQ(subject_of(event_about(event_kind::channel)), "channel.8");
  EXPECT_EQ(subject_of(event_about(event_kind::typing)), "channel.8");
  EXPECT_EQ(subject_of(event_about(event_kind::membership)), "profile.9");
  EXPECT_EQ(subject_of(event_about(event_kind::read)), "profile.9");
  EXPECT_EQ(subject_of(event_about(event_kind::reminder)), "profile.9");
  EXPECT_EQ(subject_of(event_about(event_kind::presence)), "watchers.9");
  EXPECT_EQ(subject_of(event_about(event_kind::status)), "watchers.9");
}

TEST(topic, is_read_as_it_is_written) {
  for (const auto to : {audience::channel, audience::profile, audience::watchers}) {
    const topic written{to, 9'223'372'036'854'775'807};
    EXPECT_EQ(parse_topic(to_string(written)), written);
  }
  for (const auto* wrong :
       {"", "channel", "channel.", "channel.0", "channel.-1", "channel.08", "channel.8x", "channel.8.8", "chanel.8",
        "channel.9223372036854775808", "everybody", ".8", "Channel.8"}) {
    EXPECT_EQ(parse_topic(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace meridian::bus
