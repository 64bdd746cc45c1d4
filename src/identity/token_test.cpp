#include "identity/token.hpp"

#include <gtest/gtest.h>

#include "runtime/crypto.hpp"

namespace meridian::identity {
namespace {

const std::string secret(43, 'A');

TEST(token, names_its_region_and_comes_back_as_its_hash) {
  const auto token = make_token(3);
  EXPECT_TRUE(token.starts_with("m1.3.")) << token;
  EXPECT_EQ(token.size(), 5U + 43U);
  EXPECT_NE(token, make_token(3));
  const auto known = parse_token(token);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->region_number, 3);
  EXPECT_EQ(known->hash, sha256(token));
  EXPECT_TRUE(parse_token(make_token(31)));
}

TEST(token, nothing_else_is_one) {
  for (const auto& text :
       {std::string(), std::string("m1."), "m1.." + secret, "m1.0." + secret, "m1.03." + secret, "m1.32." + secret,
        "m1.-1." + secret, "m1.3x." + secret, "m2.3." + secret, "m1.3." + secret + "A", "m1.3." + secret.substr(1),
        "m1.3." + secret.substr(1) + "+", "m1.3." + secret.substr(1) + '\0', "m1.99999999999." + secret,
        " m1.3." + secret}) {
    EXPECT_FALSE(parse_token(text)) << text;
  }
  EXPECT_TRUE(parse_token("m1.3." + secret));
}

TEST(token, a_session_is_called_by_the_start_of_its_hash) {
  const auto hash = sha256("abc");
  const auto number = session_number_of(hash);
  EXPECT_EQ(text_of(number), "ba7816bf8f01cfea");
  EXPECT_EQ(octets_of(number), hash.substr(0, 8));
  EXPECT_EQ(parse_session_number("ba7816bf8f01cfea"), number);
  EXPECT_EQ(text_of(1), "0000000000000001");
  for (const auto* text : {"", "1", "BA7816BF8F01CFEA", "ba7816bf8f01cfeg", "ba7816bf8f01cfea0", "-a7816bf8f01cfea"}) {
    EXPECT_FALSE(parse_session_number(text)) << text;
  }
}

}  // namespace
}  // namespace meridian::identity
