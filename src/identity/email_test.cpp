#include "identity/email.hpp"

#include <gtest/gtest.h>

namespace meridian::identity {
namespace {

TEST(email, is_the_same_without_letter_case_and_blanks) {
  EXPECT_EQ(normalised_email(" MSmith@Apache.ORG\t"), "msmith@apache.org");
  EXPECT_EQ(normalised_email("JÖrg@example.com"), "jÖrg@example.com");  // other letters stay as they are
  EXPECT_EQ(trimmed(" \n "), "");
  EXPECT_EQ(email_digest("key", "A@b.c "), email_digest("key", "a@B.C"));
  EXPECT_NE(email_digest("key", "a@b.c"), email_digest("other key", "a@b.c"));
  EXPECT_NE(email_digest("key", "a@b.c"), email_digest("key", "b@b.c"));
  EXPECT_EQ(email_digest("key", "a@b.c").size(), 32U);
}

TEST(email, has_one_at_with_something_on_both_sides) {
  for (const auto* good : {"a@b", "a.b+c@d-e.example", " a@b ", "jörg@exämple.de"}) {
    EXPECT_TRUE(check_email(good)) << good;
  }
  for (const std::string bad : {"", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\nc", "a@b\x01"}) {
    const auto checked = check_email(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().field, "email");
  }
  EXPECT_TRUE(check_email("a@" + std::string(252, 'b')));
  EXPECT_FALSE(check_email("a@" + std::string(253, 'b')));
}

}  // namespace
}  // namespace meridian::identity
