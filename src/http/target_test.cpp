#include "http/target.hpp"

#include <gtest/gtest.h>

namespace meridian::http {
namespace {

TEST(target, is_decoded_once) {
  const auto decoded = decode_target("/a%20b/%C3%A9/%2525?q=x+y%2B%26&empty&=v&&q=second");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->path, "/a b/é/%25");
  EXPECT_EQ(decoded->query.find("q"), "x y+&");
  EXPECT_EQ(decoded->query.find("empty"), "");
  EXPECT_EQ(decoded->query.find(""), "v");
  EXPECT_EQ(decoded->query.size(), 4);
  EXPECT_FALSE(decoded->query.find("none"));
}

TEST(target, keeps_a_plus_in_the_path_and_lines_in_the_query) {
  const auto decoded = decode_target("/a+b?text=one%0Atwo");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->path, "/a+b");
  EXPECT_EQ(decoded->query.find("text"), "one\ntwo");
}

TEST(target, may_have_an_authority_that_is_ignored) {
  EXPECT_EQ(decode_target("http://host:80/a?b=c")->path, "/a");
  EXPECT_EQ(decode_target("HTTP://host/a?b=c")->query.find("b"), "c");
  EXPECT_EQ(decode_target("https://host")->path, "/");
}

TEST(target, that_two_readers_could_understand_differently_is_refused) {
  for (const std::string_view raw : {
           "",       "*",         "a",       "host:443",      "http://host?a",     // no path
           "/a b",   "/\xc3\xa9", "/a#b",    "/a\x7f",        "/a\nb",             // should have been escaped
           "/%",     "/%4",       "/%zz",    "/?a=%",         "/?%g0=1",           // broken escapes
           "/a%2fb", "/a%2Fb",                                                     // a slash that is none
           "/..",    "/a/../b",   "/a/./b",  "/a/%2e%2E/b",   "/.",                // other ways to say another path
           "/%00",   "/%0a",      "/%7f",    "/?a=%00",       "/?%00=a",           // controls
           "/%c3",   "/%ff",      "/%c0%af", "/?a=%ed%a0%80", "/?a=%f4%90%80%80",  // not UTF-8
       }) {
    const auto decoded = decode_target(raw);
    EXPECT_FALSE(decoded) << raw;
    if (!decoded) {
      EXPECT_EQ(decoded.error().code, errc::invalid_argument) << raw;
    }
  }
}

TEST(target, has_a_bounded_number_of_parameters) {
  std::string raw = "/?";
  for (std::size_t count = 0; count < query_parameters_max; ++count) {
    raw += "a=b&";
  }
  EXPECT_TRUE(decode_target(raw));
  EXPECT_FALSE(decode_target(raw + "c"));
}

TEST(utf8, has_one_form_for_each_character) {
  for (const std::string_view text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text));
  }
  for (const std::string_view text :
       {"\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

}  // namespace
}  // namespace meridian::http
