#include "messaging/names.hpp"

#include <gtest/gtest.h>

namespace meridian::messaging {
namespace {

TEST(names, channels_are_kept_in_lower_case) {
  EXPECT_EQ(check_channel_name("Apache_Kafka-Support").value(), "apache_kafka-support");
  EXPECT_EQ(check_channel_name("#random").value(), "random");
  EXPECT_EQ(check_channel_name("日本語").value(), "日本語");
  EXPECT_EQ(check_channel_name("🎉").value(), "🎉");
}

TEST(names, channels_have_no_spaces_controls_or_unseen_letters) {
  for (const std::string wrong :
       {"", "#", "two words", "tab\there", "line\nbreak", "\u00A0", "zero\u200Bwidth", "\u202Eright-to-left",
        "\uFEFFmark", "wide\u3000space", "\u0085"}) {
    const auto name = check_channel_name(wrong);
    ASSERT_FALSE(name) << wrong;
    EXPECT_EQ(name.error().code, errc::invalid_argument);
    EXPECT_EQ(name.error().field, "name");
    EXPECT_FALSE(name.error().remedy.empty());
  }
}

TEST(names, letters_count_and_not_octets) {
  std::string long_name;
  for (std::size_t i = 0; i < channel_name_letters_max; ++i) {
    long_name += "ß";
  }
  EXPECT_TRUE(check_channel_name(long_name));
  EXPECT_FALSE(check_channel_name(long_name + "ß"));
}

TEST(names, workspaces_have_names_without_spaces_around_them) {
  EXPECT_EQ(check_workspace_name("  Apache Software Foundation ").value(), "Apache Software Foundation");
  EXPECT_FALSE(check_workspace_name("   "));
  EXPECT_FALSE(check_workspace_name("a\nb"));
  EXPECT_FALSE(check_workspace_name(std::string(workspace_name_letters_max + 1, 'a')));
}

TEST(names, urls_are_those_of_the_web) {
  EXPECT_EQ(check_url("https://SAP.com/").value(), "https://SAP.com/");
  EXPECT_TRUE(check_url("http://localhost:8080"));
  for (const std::string wrong : {"", "sap.com", "https://", "https:///path", "javascript:alert(1)", "https://a b"}) {
    EXPECT_FALSE(check_url(wrong)) << wrong;
  }
  EXPECT_FALSE(check_url("https://" + std::string(url_letters_max, 'a')));
}

TEST(names, the_same_url_may_be_written_in_two_ways) {
  EXPECT_EQ(key_of_url("https://SAP.com/"), "https://sap.com");
  EXPECT_EQ(key_of_url("https://sap.com"), "https://sap.com");
  EXPECT_NE(key_of_url("https://sap.com/a"), key_of_url("https://sap.com"));
}

}  // namespace
}  // namespace meridian::messaging
