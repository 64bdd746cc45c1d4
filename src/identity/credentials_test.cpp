#include "identity/credentials.hpp"

#include <gtest/gtest.h>

#include "identity/network.hpp"

namespace meridian::identity {
namespace {

http::request request_with(std::initializer_list<std::pair<std::string, std::string>> headers) {
  http::request made;
  made.headers.add("Host", "chat.example:8080");
  for (const auto& [name, value] : headers) {
    made.headers.add(name, value);
  }
  return made;
}

TEST(credentials, are_a_bearer_token_or_a_cookie) {
  EXPECT_EQ(token_of(request_with({{"Authorization", "Bearer m1.3.x"}})).value(), "m1.3.x");
  EXPECT_EQ(token_of(request_with({{"authorization", "bearer  m1.3.x "}})).value(), "m1.3.x");
  EXPECT_EQ(token_of(request_with({{"Cookie", "a=b; meridian_session=m1.3.x; c=d"}})).value(), "m1.3.x");
  EXPECT_EQ(token_of(request_with({{"Cookie", "meridian_session=m1.3.x"}})).value(), "m1.3.x");
  EXPECT_EQ(token_of(request_with({{"Cookie", "a=b"}, {"Cookie", "meridian_session=x"}})).value(), "x");
  for (const auto* nothing : {"", ";", "=", "meridian_session", "xmeridian_session=x", "meridian_session=", "; ;;"}) {
    EXPECT_EQ(token_of(request_with({{"Cookie", nothing}})).value(), "") << nothing;
  }
  EXPECT_EQ(token_of(request_with({})).value(), "");
}

TEST(credentials, the_header_goes_before_the_cookie) {
  const auto both = request_with({{"Cookie", "meridian_session=cookie"}, {"Authorization", "Bearer header"}});
  EXPECT_EQ(token_of(both).value(), "header");
  const auto basic = request_with({{"Cookie", "meridian_session=cookie"}, {"Authorization", "Basic header"}});
  EXPECT_EQ(token_of(basic).value(), "");
}

TEST(credentials, a_cookie_changes_nothing_for_another_sites_page) {
  for (const auto* page :
       {"https://evil.example", "null", "", "https://chat.example", "https://chat.example:8080.evil"}) {
    auto received = request_with({{"Cookie", "meridian_session=x"}, {"Origin", page}});
    EXPECT_EQ(token_of(received).value(), "x") << "reading changes nothing";
    for (const auto method : {http::verb::post, http::verb::put, http::verb::patch, http::verb::remove}) {
      received.method = method;
      const auto refused = token_of(received);
      ASSERT_FALSE(refused) << page;
      EXPECT_EQ(refused.error().code, errc::forbidden);
    }
    received.headers.set("Authorization", "Bearer y");
    EXPECT_EQ(token_of(received).value(), "y") << "a page can't know the token";
  }
  for (const auto* page : {"http://chat.example:8080", "https://Chat.Example:8080"}) {
    auto received = request_with({{"Cookie", "meridian_session=x"}, {"Origin", page}});
    received.method = http::verb::post;
    EXPECT_EQ(token_of(received).value(), "x") << page;
  }
}

TEST(credentials, attempts_are_counted_by_network) {
  EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:2:ffff::9"));
  EXPECT_NE(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
  EXPECT_NE(network_of("::ffff:192.0.2.1"), network_of("::ffff:192.0.2.2"));
}

}  // namespace
}  // namespace meridian::identity
