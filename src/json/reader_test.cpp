#include "json/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meridian::json {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

reader read(std::string_view body) {
  auto parsed = reader::parse(body);
  EXPECT_TRUE(parsed) << body;
  return std::move(parsed).value();
}

TEST(reader, reads_fields_of_each_kind) {
  auto fields = read(R"({"text":"żółw","id":"42","ids":["1",2,"1"],"number":-3,"flag":true,"word":"admin"})");
  EXPECT_EQ(fields.text("text", {1, 4}), "żółw");
  EXPECT_EQ(fields.id("id"), 42);
  EXPECT_THAT(fields.ids("ids", 3), ElementsAre(1, 2));
  EXPECT_EQ(fields.number("number", -3, 3), -3);
  EXPECT_TRUE(fields.flag("flag", false));
  EXPECT_EQ(fields.find_word("word", {"admin", "member"}), "admin");
  EXPECT_TRUE(fields.check());
}

TEST(reader, null_is_absent) {
  auto fields = read(R"({"text":null})");
  EXPECT_FALSE(fields.has("text"));
  EXPECT_EQ(fields.find_text("text", {0, 9}), std::nullopt);
  EXPECT_TRUE(fields.check());
  EXPECT_EQ(read("").find_id("id"), std::nullopt);
}

TEST(reader, names_the_first_field_that_is_wrong) {
  auto fields = read(R"({"a":1,"b":2})");
  fields.text("a", {1, 5});
  fields.text("b", {1, 5});
  const auto wrong = fields.check();
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, errc::invalid_argument);
  EXPECT_EQ(wrong.error().field, "a");
  EXPECT_EQ(wrong.error().message, "a is not a text");
}

TEST(reader, counts_letters_and_not_bytes) {
  const auto check = [](std::string_view body) {
    auto fields = read(body);
    fields.text("t", {2, 3});
    return fields.check().has_value();
  };
  EXPECT_FALSE(check(R"({"t":"ż"})"));
  EXPECT_TRUE(check(R"({"t":"żż"})"));
  EXPECT_TRUE(check(R"({"t":"🐢🐢🐢"})"));
  EXPECT_FALSE(check(R"({"t":"żżżż"})"));
  EXPECT_FALSE(check(R"({"t":"a\u0000b"})"));
  EXPECT_FALSE(check(R"({})"));
}

TEST(reader, refuses_what_is_not_an_id) {
  for (const auto* body :
       {R"({"id":"0"})", R"({"id":"-1"})", R"({"id":"01"})", R"({"id":"1x"})", R"({"id":1.5})",
        R"({"id":"9223372036854775808"})", R"({"id":""})", R"({"id":[1]})", R"({"id":0})"}) {
    auto fields = read(body);
    fields.id("id");
    EXPECT_FALSE(fields.check()) << body;
  }
  auto fields = read(R"({"id":"9223372036854775807"})");
  EXPECT_EQ(fields.id("id"), 9223372036854775807);
}

TEST(reader, refuses_what_is_not_one_object) {
  for (const auto* body :
       {"{", "[]", "1", "{} {}", "{}x", R"({"a":})", R"({"a":"\ud800"})", "{\"a\":\"\xff\"}",
        R"({"a":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]})", "nul"}) {
    const auto parsed = reader::parse(body);
    ASSERT_FALSE(parsed) << body;
    EXPECT_EQ(parsed.error().code, errc::invalid_argument);
    EXPECT_THAT(parsed.error().message, HasSubstr("the body is not"));
  }
  EXPECT_TRUE(reader::parse(" {} \n"));
}

TEST(reader, numbers_and_words_have_bounds) {
  auto fields = read(R"({"n":5,"w":"x"})");
  EXPECT_EQ(fields.find_number("n", 1, 4), std::nullopt);
  EXPECT_THAT(fields.check().error().remedy, HasSubstr("from 1 to 4"));
  auto words = read(R"({"n":5,"w":"x"})");
  words.find_word("w", {"a", "b"});
  EXPECT_THAT(words.check().error().remedy, HasSubstr("a, b"));
}

}  // namespace
}  // namespace meridian::json
