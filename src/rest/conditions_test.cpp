#include "rest/conditions.hpp"

#include <gtest/gtest.h>

namespace meridian::rest {
namespace {

http::request with(std::string_view name, std::string_view value) {
  http::request made;
  made.headers.add(name, value);
  return made;
}

TEST(conditions, if_match_is_one_version) {
  EXPECT_EQ(if_match({}).value(), std::nullopt);
  EXPECT_EQ(if_match(with("If-Match", "*")).value(), std::nullopt);
  EXPECT_EQ(if_match(with("If-Match", "\"12\"")).value(), 12);
  for (const auto* wrong : {"12", "W/\"12\"", "\"1\", \"2\"", "\"\"", "\"a\"", ""}) {
    const auto read = if_match(with("If-Match", wrong));
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().field, "If-Match");
  }
}

TEST(conditions, idempotency_keys_are_short_and_visible) {
  EXPECT_EQ(idempotency_key({}).value(), std::nullopt);
  EXPECT_EQ(idempotency_key(with("Idempotency-Key", "\"a-1\"")).value(), "a-1");
  EXPECT_EQ(idempotency_key(with("Idempotency-Key", std::string(100, 'k'))).value(), std::string(100, 'k'));
  EXPECT_FALSE(idempotency_key(with("Idempotency-Key", std::string(101, 'k'))));
  EXPECT_FALSE(idempotency_key(with("Idempotency-Key", "a b")));
  EXPECT_FALSE(idempotency_key(with("Idempotency-Key", "")));
}

TEST(conditions, a_known_version_is_the_same_one) {
  EXPECT_TRUE(is_known_version(with("If-None-Match", "\"3\""), 3));
  EXPECT_FALSE(is_known_version(with("If-None-Match", "\"2\""), 3));
  EXPECT_FALSE(is_known_version({}, 3));
}

}  // namespace
}  // namespace meridian::rest
