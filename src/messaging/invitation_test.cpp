#include "messaging/invitation.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace meridian::messaging {
namespace {

TEST(invitation, tokens_tell_their_region) {
  const auto token = make_invitation_token(3, std::string(32, '\x7f'));
  EXPECT_TRUE(token.starts_with("i1.3."));
  EXPECT_EQ(find_region_of_token(token), 3);
}

TEST(invitation, other_texts_are_no_tokens) {
  const auto token = make_invitation_token(3, std::string(32, 'a'));
  for (const auto& wrong : std::vector<std::string>{
           std::string(), std::string("i1."), std::string("i1.3"), std::string("i1.3."), "m" + token.substr(1),
           token + "AA", token.substr(0, token.size() - 1), "i1.0" + token.substr(4), "i1.99" + token.substr(4),
           "i1.-1" + token.substr(4), "i1.3.!" + token.substr(6)
       }) {
    EXPECT_EQ(find_region_of_token(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace meridian::messaging
