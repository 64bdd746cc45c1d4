#include "rest/page.hpp"

#include <gtest/gtest.h>

#include "runtime/crypto.hpp"

namespace meridian::rest {
namespace {

http::request asking(std::string name, std::string value) {
  http::request made;
  made.query.add(std::move(name), std::move(value));
  return made;
}

TEST(page, a_cursor_comes_back_as_it_was) {
  const position behind{"12:3", "", "żółw"};
  const auto wanted = page_of(asking("cursor", to_cursor(behind)), 3);
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->behind, behind);
  EXPECT_EQ(page_of({}, 3)->behind, std::nullopt);
}

TEST(page, refuses_cursors_that_it_did_not_make) {
  for (const auto& wrong :
       {std::string("x y"), std::string("AAAA"), to_cursor({"1"}), to_base64url("1:ab1:"), to_base64url("9:a"),
        to_base64url("99999999999999999999:a"), to_base64url(":a"),
        to_base64url("1:\xff"
                     "1:a"),
        std::string(2000, 'A')}) {
    const auto wanted = page_of(asking("cursor", wrong), 2);
    ASSERT_FALSE(wanted) << wrong;
    EXPECT_EQ(wanted.error().field, "cursor");
  }
}

TEST(page, limits_have_a_range) {
  EXPECT_EQ(page_of({}, 1, 20)->limit, 20U);
  EXPECT_EQ(page_of(asking("limit", "200"), 1)->limit, 200U);
  for (const auto* wrong : {"0", "201", "-1", "x", "", "1e3", "99999999999999999999"}) {
    EXPECT_FALSE(page_of(asking("limit", wrong), 1)) << wrong;
  }
}

TEST(page, a_list_has_items_and_a_next_cursor) {
  EXPECT_EQ(list_body("", std::nullopt), R"({"items":[],"next_cursor":null})");
  EXPECT_EQ(list_body("1,2", "abc"), R"({"items":[1,2],"next_cursor":"abc"})");
}

}  // namespace
}  // namespace meridian::rest
