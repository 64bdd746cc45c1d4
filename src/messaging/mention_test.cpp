#include "messaging/mention.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::messaging {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(mention, people_are_called_once_each) {
  EXPECT_THAT(mentions_in("<@9> and <@10>, <@9>!").profile_ids, ElementsAre(9, 10));
  EXPECT_THAT(mentions_in("x<@9>").profile_ids, ElementsAre(9));
}

TEST(mention, what_is_no_id_calls_nobody) {
  for (const auto* text :
       {"<@>", "<@0>", "<@-1>", "<@9", "<@9 >", "@9", "<@99999999999999999999>", "<", "@", "`<@9>`",
        "``` <@9> @channel ```"}) {
    EXPECT_THAT(mentions_in(text).profile_ids, IsEmpty()) << text;
    EXPECT_FALSE(mentions_in(text).calls_everybody()) << text;
  }
}

TEST(mention, everybody_is_a_word_of_its_own) {
  for (const auto* text : {"@channel", "hello @channel!", "(@channel)", "@channel: now", "`a` @channel `b"}) {
    EXPECT_TRUE(mentions_in(text).channel) << text;
  }
  for (const auto* text : {"me@channel", "@channels", "@channel_x", "@@channel", "@Channel", "ż@channel"}) {
    EXPECT_FALSE(mentions_in(text).channel) << text;
  }
  EXPECT_TRUE(mentions_in("who is @here").here);
  EXPECT_FALSE(mentions_in("who is @here").channel);
}

TEST(mention, a_text_calls_so_many_at_most) {
  std::string text;
  for (int id = 1; id <= 200; ++id) {
    text += "<@" + std::to_string(id) + ">";
  }
  EXPECT_EQ(mentions_in(text).profile_ids.size(), mentions_max);
}

}  // namespace
}  // namespace meridian::messaging
