#include "pg/arguments.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace meridian::pg {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr timestamp epoch = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

TEST(arguments, are_written_in_network_order) {
  const arguments all(
      true, std::int32_t{-2}, std::int64_t{0x0102030405060708}, 1.0, "Grüße", timestamp(epoch + 1us), bytes{"\0\xff"s}
  );
  const std::pair<binary::oid, std::string> expected[] = {
      {16, "\1"s},
      {23, "\xff\xff\xff\xfe"s},
      {20, "\1\2\3\4\5\6\7\x08"s},
      {701, "\x3f\xf0\0\0\0\0\0\0"s},
      {25, "Grüße"s},
      {1184, "\0\0\0\0\0\0\0\1"s},
      {17, "\0\xff"s},
  };
  ASSERT_EQ(all.size(), std::size(expected));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all.type(i), expected[i].first) << i;
    EXPECT_EQ(all.octets(i), expected[i].second) << i;
  }
}

TEST(arguments, that_are_null_keep_their_type) {
  arguments all(std::optional<std::int64_t>(), std::optional<std::string>(""), std::optional<bytes>());
  all.add(std::optional<std::vector<std::int64_t>>());
  EXPECT_EQ(all.type(0), 20U);
  EXPECT_EQ(all.octets(0), std::nullopt);
  EXPECT_EQ(all.type(1), 25U);
  EXPECT_EQ(all.octets(1), "") << "empty is not null";
  EXPECT_EQ(all.type(2), 17U);
  EXPECT_EQ(all.type(3), 1016U);
  EXPECT_EQ(all.octets(3), std::nullopt);
}

TEST(arguments, that_are_lists_become_arrays) {
  const arguments all(
      std::vector<std::optional<std::int64_t>>{7, std::nullopt}, std::vector<std::string>{"a", ""},
      std::vector<std::int64_t>(), std::vector<bool>{true}
  );
  // Dimensions, whether there are nulls, the element's type, length, lower bound; then each element with its length.
  EXPECT_EQ(all.type(0), 1016U);
  EXPECT_EQ(all.octets(0), "\0\0\0\1\0\0\0\1\0\0\0\x14\0\0\0\2\0\0\0\1\0\0\0\x08\0\0\0\0\0\0\0\7\xff\xff\xff\xff"s);
  EXPECT_EQ(all.type(1), 1009U);
  EXPECT_EQ(all.octets(1), "\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1\0\0\0\1a\0\0\0\0"s);
  EXPECT_EQ(all.type(2), 1016U);
  EXPECT_EQ(all.octets(2), "\0\0\0\0\0\0\0\0\0\0\0\x14"s);
  EXPECT_EQ(all.type(3), 1000U);
}

TEST(arguments, can_be_copied_and_moved) {
  arguments all(std::int64_t{5}, "text");
  const auto copy = all;
  const auto moved = std::move(all);
  for (const auto* one : {&copy, &moved}) {
    EXPECT_EQ(one->size(), 2U);
    EXPECT_EQ(one->octets(1), "text");
  }
}

TEST(binary, reads_what_it_writes) {
  const auto there_and_back = [](const auto& value) {
    using value_type = std::decay_t<decltype(value)>;
    std::string octets;
    binary::encode(octets, value);
    value_type back{};
    return binary::decode(binary::oid_of<value_type>, octets, back) && back == value;
  };
  EXPECT_TRUE(there_and_back(true));
  EXPECT_TRUE(there_and_back(std::numeric_limits<std::int32_t>::min()));
  EXPECT_TRUE(there_and_back(std::numeric_limits<std::int64_t>::min()));
  EXPECT_TRUE(there_and_back(std::int64_t{1} << 62));
  EXPECT_TRUE(there_and_back(-0.1));
  EXPECT_TRUE(there_and_back("text"s));
  EXPECT_TRUE(there_and_back(timestamp(1us)));
  EXPECT_TRUE(there_and_back(timestamp(std::chrono::sys_days(std::chrono::year(2400) / 2 / 29))));
  EXPECT_TRUE(there_and_back(bytes{"\0x"s}));
}

TEST(binary, widens_and_never_narrows) {
  std::int64_t wide = 0;
  std::int32_t narrow = 0;
  EXPECT_TRUE(binary::decode(21, "\xff\xfe", wide));
  EXPECT_EQ(wide, -2);
  EXPECT_TRUE(binary::decode(23, "\0\0\1\0"s, wide));
  EXPECT_EQ(wide, 256);
  EXPECT_FALSE(binary::decode(20, "\0\0\0\0\0\0\0\1"s, narrow));
  EXPECT_FALSE(binary::decode(20, "\0\0\0\1"s, wide)) << "of another size than its type";
  std::string text;
  EXPECT_FALSE(binary::decode(20, "\0\0\0\0\0\0\0\1"s, text));
  EXPECT_TRUE(binary::decode(3802, "\1{}", text));
  EXPECT_EQ(text, "{}");
  EXPECT_FALSE(binary::decode(3802, "\2{}", text)) << "a version of jsonb to come";
}

TEST(binary, infinity_is_the_first_or_last_time) {
  timestamp when;
  EXPECT_TRUE(binary::decode(1184, "\x7f\xff\xff\xff\xff\xff\xff\xff", when));
  EXPECT_EQ(when, timestamp::max());
  EXPECT_TRUE(binary::decode(1184, "\x80\0\0\0\0\0\0\0"s, when));
  EXPECT_EQ(when, timestamp::min());
}

TEST(binary, refuses_every_broken_array) {
  const arguments all(std::vector<std::string>{"one", "two"});
  const std::string whole(*all.octets(0));
  binary::array list;
  ASSERT_TRUE(binary::decode(whole, list));
  ASSERT_EQ(list.elements.size(), 2U);
  EXPECT_EQ(list.elements[1].octets, "two");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(binary::decode(std::string_view(whole).substr(0, length), list)) << length;
  }
  EXPECT_FALSE(binary::decode(whole + "x", list));
}

}  // namespace
}  // namespace meridian::pg
