#include "json/writer.hpp"

#include <gtest/gtest.h>

namespace meridian::json {
namespace {

TEST(writer, puts_commas_between_members_and_elements) {
  std::string out;
  writer json(out);
  json.begin_object().id("id", 7).text("text", "a").key("list").begin_array().number(1).number(-2).null();
  json.begin_object().end_object().end_array().flag("on", true).end_object();
  EXPECT_EQ(out, R"({"id":"7","text":"a","list":[1,-2,null,{}],"on":true})");
}

TEST(writer, escapes_only_what_must_be) {
  std::string out;
  writer(out).text("a\"b\\c\nd\te\x01\x1f/żółw\x7f");
  EXPECT_EQ(
      out, R"("a\"b\\c\nd\te\u0001\u001f/żółw)"
           "\x7f\""
  );
}

TEST(writer, writes_times_as_rfc_3339) {
  using namespace std::chrono;
  EXPECT_EQ(to_text(timestamp(sys_days(2026y / 11 / 23)) + 8h + 5min + 3s + 42us), "2026-11-23T08:05:03.000042Z");
  EXPECT_EQ(to_text(timestamp(sys_days(1969y / 12 / 31)) + 23h), "1969-12-31T23:00:00.000000Z");
}

TEST(writer, absent_values_are_null) {
  std::string out;
  writer json(out);
  json.begin_object().id("a", std::optional<std::int64_t>()).time("b", std::optional<timestamp>()).end_object();
  EXPECT_EQ(out, R"({"a":null,"b":null})");
}

}  // namespace
}  // namespace meridian::json
