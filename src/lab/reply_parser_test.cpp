#include "lab/reply_parser.hpp"

#include <string>

#include <gtest/gtest.h>

namespace meridian::lab {
namespace {

const std::string created =
    "HTTP/1.1 201 Created\r\nDate: Mon, 23 Nov 2026 00:00:00 GMT\r\ncontent-LENGTH: 5\r\nX-Empty:\r\n\r\nhello";

TEST(reply_parser, waits_for_every_byte_and_takes_no_more) {
  for (std::size_t size = 0; size < created.size(); ++size) {
    const auto partial = parse_reply(std::string_view(created).substr(0, size));
    ASSERT_TRUE(partial) << size;
    EXPECT_FALSE(*partial) << size;
  }
  const auto two = created + "HTTP/1.1 200 OK\r\n";
  const auto whole = parse_reply(two);
  ASSERT_TRUE(whole && *whole);
  EXPECT_EQ((*whole)->status, 201);
  EXPECT_EQ((*whole)->body, "hello");
  EXPECT_EQ((*whole)->size, created.size());
  EXPECT_FALSE((*whole)->closes);
}

TEST(reply_parser, knows_answers_without_a_body) {
  const std::string_view bare = "HTTP/1.1 204 No Content\r\nConnection: Close\r\n\r\n";
  const auto read = parse_reply(bare);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->size, bare.size());
  EXPECT_TRUE((*read)->closes);
}

TEST(reply_parser, refuses_what_our_server_never_says) {
  for (const std::string& strange :
       {std::string("SSH-2.0"), std::string("HTTP/1.0 200 OK\r\n"), std::string("HTTP/1.1 200 OK\r\nDate: x\r\n\r\n"),
        std::string("HTTP/1.1 2x0 OK\r\nContent-Length: 1\r\n\r\na"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\na"),
        std::string("HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 1\r\n\r\na"),
        "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x')}) {
    EXPECT_FALSE(parse_reply(strange)) << strange.substr(0, 80);
  }
}

TEST(find_member, reads_numbers_and_ids) {
  const std::string_view json = R"({"client_msg_id":"c1-9","id":"77","thread_root_id":null,"seq":12})";
  EXPECT_EQ(find_member(json, "id"), "77");
  EXPECT_EQ(find_member(json, "seq"), "12");
  EXPECT_EQ(find_member(json, "client_msg_id"), "c1-9");
  EXPECT_EQ(find_member(json, "thread_root_id"), "null");
  EXPECT_EQ(find_member(json, "sequel"), "");
  EXPECT_EQ(find_member("", "id"), "");
}

}  // namespace
}  // namespace meridian::lab
