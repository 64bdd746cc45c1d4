#include "topology/toml_ascii.hpp"

#include <gtest/gtest.h>

#include "topology/small_topology.hpp"

namespace meridian::topology {
namespace {

std::string in_ascii(std::string_view text) {
  const auto ascii = toml_in_ascii("f", text);
  return ascii ? *ascii : ascii.error().message;
}

TEST(toml_ascii, keeps_ascii_and_lines_and_drops_comments) {
  EXPECT_EQ(in_ascii(""), "");
  EXPECT_EQ(in_ascii("a = 1\n\n\tb = 'x' # é\r\n# \"\n"), "a = 1\n\n\tb = 'x' \n\n");
  EXPECT_EQ(in_ascii(R"(a = "# \\" # "no)"), R"(a = "# \\" )");
  EXPECT_EQ(in_ascii(R"(a = '# \' # 'no)"), R"(a = '# \' )");
  EXPECT_EQ(in_ascii(R"(a = "\" # é")"), R"(a = "\" # \U000000e9")");
  EXPECT_EQ(in_ascii("a = \"no end # x"), "a = \"no end # x");
  EXPECT_EQ(in_ascii("a = \"no end \\"), "a = \"no end \\");
}

TEST(toml_ascii, escapes_letters_of_any_size_in_strings) {
  EXPECT_EQ(in_ascii("a = \"é€😀\""), R"(a = "\U000000e9\U000020ac\U0001f600")");
  const auto parsed = parse_small(small_topology({{9, "label = \"é€😀 \\\\ \\u00e9\""}}));
  ASSERT_EQ(mistake_of(parsed), "");
  EXPECT_EQ(parsed->regions[0].label, "é€😀 \\ é");
}

TEST(toml_ascii, refuses_letters_that_are_not_ascii_elsewhere) {
  EXPECT_EQ(
      mistake_with({{9, "label = \"West\" é"}}),
      "small.toml:9: a letter outside quotes that is not ASCII | put the text in quotes: name = \"...\""
  );
  EXPECT_EQ(in_ascii("é = 1"), "f:1: a letter outside quotes that is not ASCII");
  EXPECT_EQ(in_ascii("a = 'b\\' é"), "f:1: a letter outside quotes that is not ASCII");
  EXPECT_EQ(
      mistake_with({{9, "label = 'Ouést'"}}),
      "small.toml:9: a letter in single quotes that is not ASCII | put the text in double quotes: name = \"...\""
  );
}

TEST(toml_ascii, refuses_strings_of_several_lines) {
  const std::string mistake = "small.toml:9: a string of several lines | write it in one line: \"...\"";
  EXPECT_EQ(mistake_with({{9, "label = \"\"\"\nWest\"\"\""}}), mistake);
  EXPECT_EQ(mistake_with({{9, "label = '''\nWest'''"}}), mistake);
  EXPECT_EQ(in_ascii("a = \"\", ''"), "a = \"\", ''");
}

TEST(toml_ascii, refuses_what_is_not_utf8) {
  EXPECT_EQ(mistake_with({{9, "label = \"\xE9\""}}), "small.toml:9: not UTF-8 | save the file as UTF-8");
  for (const std::string broken :
       {"\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_EQ(in_ascii("# ok\n# " + broken), "f:2: not UTF-8") << broken;
  }
  for (const std::string whole :
       {"\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(in_ascii("# " + whole), "") << whole;
  }
}

TEST(toml_ascii, refuses_lines_of_very_many_dots) {
  const auto dotted = [](int dots) {
    std::string key = "a";
    for (int i = 0; i < dots; ++i) {
      key += ".a";
    }
    return key;
  };
  const std::string mistake = "small.toml:2: more than 100 dots in one line | dotted keys can't be nested that deep";
  EXPECT_EQ(mistake_with({{2, dotted(101) + " = 1"}}), mistake);
  EXPECT_EQ(mistake_with({{2, dotted(300'000) + " = 1"}}), mistake);
  EXPECT_EQ(in_ascii(dotted(100)), dotted(100));
  EXPECT_EQ(in_ascii("# " + dotted(101)), "");
  EXPECT_EQ(in_ascii('"' + dotted(101) + '"'), '"' + dotted(101) + '"');
}

TEST(toml_ascii, reads_what_other_systems_write) {
  EXPECT_EQ(mistake_of(parse_small("\xEF\xBB\xBF" + small_topology())), "");
  EXPECT_EQ(mistake_with({{1, "name = \"small\"\r"}}), "");
}

}  // namespace
}  // namespace meridian::topology
