#include "realtime/client_frame.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::realtime {
namespace {

using testing::ElementsAre;

TEST(client_frame, is_read) {
  const auto signs_in = parse_client_frame(R"({"type":"authenticate","token":"m1.1.x"})");
  ASSERT_TRUE(signs_in);
  EXPECT_EQ(signs_in->what, request_kind::authenticate);
  EXPECT_EQ(signs_in->token, "m1.1.x");
  const auto follows = parse_client_frame(R"({"type":"follow","channel_id":"8","more":{"a":1}})");
  ASSERT_TRUE(follows);
  EXPECT_EQ(follows->what, request_kind::follow);
  EXPECT_EQ(follows->channel_id, 8);
  const auto watches = parse_client_frame(R"({"type":"watch","profile_ids":["3","5","3"]})");
  ASSERT_TRUE(watches);
  EXPECT_THAT(watches->profile_ids, ElementsAre(3, 5));
  EXPECT_TRUE(parse_client_frame(R"({"type":"ping"})"));
}

TEST(client_frame, that_is_wrong_says_where) {
  const auto field_at_fault = [](std::string_view text) {
    const auto read = parse_client_frame(text);
    return read ? std::string("none") : read.error().field;
  };
  EXPECT_EQ(field_at_fault(R"({"type":"shout"})"), "type");
  EXPECT_EQ(field_at_fault(R"({})"), "type");
  EXPECT_EQ(field_at_fault(R"({"type":"follow"})"), "channel_id");
  EXPECT_EQ(field_at_fault(R"({"type":"look","channel_id":"0"})"), "channel_id");
  EXPECT_EQ(field_at_fault(R"({"type":"authenticate"})"), "token");
  EXPECT_EQ(field_at_fault(R"({"type":"unwatch","profile_ids":["x"]})"), "profile_ids");
  EXPECT_FALSE(parse_client_frame("[]"));
  EXPECT_FALSE(parse_client_frame("{"));
}

TEST(client_frame, has_so_many_profiles_and_no_more) {
  std::string ids;
  for (std::size_t id = 1; id <= profiles_of_frame_max; ++id) {
    ids += fmt::format("{}\"{}\"", id == 1 ? "" : ",", id);
  }
  EXPECT_TRUE(parse_client_frame(fmt::format(R"({{"type":"watch","profile_ids":[{}]}})", ids)));
  EXPECT_FALSE(parse_client_frame(fmt::format(R"({{"type":"watch","profile_ids":[{},"999"]}})", ids)));
}

}  // namespace
}  // namespace meridian::realtime
