#include "bus/event_codec.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::bus {
namespace {

using testing::HasSubstr;

constexpr auto number_max = std::numeric_limits<std::int64_t>::max();

event message() {
  event made;
  made.channel_id = 8;
  made.seq = 300;
  made.change_seq = number_max;
  made.frame = R"({"type":"message","message":{"text":"żółw"}})";
  return made;
}

std::string refusal_of(std::string_view octets, const topic& via) {
  const auto read = decode(octets, via);
  return read ? "" : read.error().message;
}

TEST(event_codec, reads_what_it_wrote) {
  for (std::size_t kind = 0; kind < event_kind_count; ++kind) {
    event written;
    written.what = static_cast<event_kind>(kind);
    written.channel_id = 8;
    written.profile_id = number_max;
    written.workspace_id = 5;
    written.seq = 127;
    written.change_seq = 128;
    written.is_member = kind % 2 == 0;
    written.frame = "{\"type\":\"" + std::string(to_string(written.what)) + "\"}";
    const auto read = decode(encode(written).value(), topic_of(written));
    ASSERT_TRUE(read) << to_string(written.what) << ": " << to_string(read.error());
    EXPECT_EQ(read->what, written.what);
    EXPECT_EQ(read->channel_id, written.channel_id);
    EXPECT_EQ(read->profile_id, written.profile_id);
    EXPECT_EQ(read->workspace_id, written.workspace_id);
    EXPECT_EQ(read->seq, written.seq);
    EXPECT_EQ(read->change_seq, written.change_seq);
    EXPECT_EQ(read->is_member, written.is_member);
    EXPECT_EQ(read->frame, written.frame);
  }
}

TEST(event_codec, is_compact) {
  auto small = message();
  small.change_seq = 300;
  EXPECT_EQ(encode(small).value().size() - small.frame.size(), 3U + 1 + 1 + 1 + 2 + 2);
}

TEST(event_codec, refuses_octets_that_it_would_not_have_written) {
  const auto whole = encode(message()).value();
  const auto via = topic_of(message());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode(whole.substr(0, size), via)) << size;
  }
  auto later = whole;
  later[0] = 2;
  EXPECT_THAT(refusal_of(later, via), HasSubstr("another version"));
  auto unknown = whole;
  unknown[1] = event_kind_count;
  EXPECT_THAT(refusal_of(unknown, via), HasSubstr("broken"));
  auto flagged = whole;
  flagged[2] = 2;
  EXPECT_THAT(refusal_of(flagged, via), HasSubstr("broken"));
  // 8 as two octets, and a number beyond 63 bits.
  EXPECT_THAT(
      refusal_of(whole.substr(0, 3) + "\x88" + std::string(1, '\0') + whole.substr(4), via), HasSubstr("broken")
  );
  EXPECT_THAT(
      refusal_of(whole.substr(0, 3) + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + whole.substr(4), via),
      HasSubstr("broken")
  );
}

TEST(event_codec, refuses_an_event_of_another_topic) {
  const auto octets = encode(message()).value();
  for (const auto& via : {topic{audience::channel, 9}, topic{audience::profile, 8}, topic()}) {
    EXPECT_THAT(refusal_of(octets, via), HasSubstr("does not belong")) << to_string(via);
  }
}

TEST(event_codec, refuses_an_event_without_what_belongs_to_it) {
  auto unnumbered = message();
  unnumbered.seq = 0;
  EXPECT_THAT(refusal_of(encode(unnumbered).value(), topic_of(unnumbered)), HasSubstr("does not belong"));
  auto nowhere = message();
  nowhere.channel_id = 0;
  EXPECT_THAT(refusal_of(encode(nowhere).value(), topic_of(nowhere)), HasSubstr("does not belong"));
  event nobody;
  nobody.what = event_kind::status;
  nobody.frame = R"({"type":"status"})";
  EXPECT_THAT(refusal_of(encode(nobody).value(), topic_of(nobody)), HasSubstr("does not belong"));
}

TEST(event_codec, refuses_what_clients_could_not_read) {
  for (const std::string_view frame :
       {"", "{", "{}", "null", R"({"type":"message")", R"({"type":"messages"})", R"({"type":"change"})",
        R"( {"type":"message"})", "{\"type\":\"message\",\"a\":\"\n\"}", "{\"type\":\"message\",\"a\":\"\xff\"}",
        "{\"type\":\"message\",\"a\":\"\xc0\x80\"}", R"({"type":"message"x})"}) {
    auto wrong = message();
    wrong.frame = frame;
    EXPECT_THAT(refusal_of(encode(wrong).value(), topic_of(wrong)), HasSubstr("a frame that is none")) << frame;
  }
}

TEST(event_codec, does_not_write_a_frame_that_is_too_large) {
  auto large = message();
  large.frame.insert(large.frame.size() - 2, frame_bytes_max - large.frame.size(), 'x');
  ASSERT_EQ(large.frame.size(), frame_bytes_max);
  EXPECT_TRUE(decode(encode(large).value(), topic_of(large)));
  large.frame.insert(large.frame.size() - 2, "x");
  EXPECT_FALSE(encode(large));
}

}  // namespace
}  // namespace meridian::bus
