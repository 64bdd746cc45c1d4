#include "http/response_head.hpp"

#include <gtest/gtest.h>

namespace meridian::http {
namespace {

using namespace std::chrono_literals;

TEST(response_head, is_what_goes_over_the_wire) {
  response answer;
  answer.status = 201;
  answer.content_type = "application/json";
  answer.headers.add("Location", "/v1/messages/7");
  answer.body = "{}";
  const head_facts facts{"id-1", "Thu, 01 Jan 1970 00:00:00 GMT", false};
  EXPECT_EQ(
      encode_head(answer, facts),
      "HTTP/1.1 201 Created\r\n"
      "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
      "Content-Type: application/json\r\n"
      "Content-Length: 2\r\n"
      "Connection: close\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "X-Request-Id: id-1\r\n"
      "Cache-Control: no-store\r\n"
      "Location: /v1/messages/7\r\n"
      "\r\n"
  );
}

TEST(response_head, has_no_length_where_there_is_no_body) {
  response answer;
  answer.status = 204;
  EXPECT_EQ(encode_head(answer, head_facts()).find("Content-Length"), std::string::npos);
}

TEST(response_head, leaves_caching_to_a_handler_that_says_so) {
  response answer;
  answer.headers.set("cache-control", "max-age=60");
  const auto head = encode_head(answer, head_facts());
  EXPECT_EQ(head.find("no-store"), std::string::npos);
  EXPECT_NE(head.find("cache-control: max-age=60\r\n"), std::string::npos);
}

TEST(response, that_could_start_a_second_one_is_a_bug) {
  response answer;
  EXPECT_EQ(check_response(answer), "");
  answer.headers.add("X-Note", "tab\tand é are text");
  EXPECT_EQ(check_response(answer), "");
  for (const auto& [name, value] : {
           std::pair{"X", "a\r\nSet-Cookie: b"},
           {"X", "a\n"},
           {"X", "\x7f"},
           {"X Y", "a"},
           {"", "a"},
           {"X:", "a"},
           {"content-length", "5"},
           {"Transfer-Encoding", "chunked"},
           {"Connection", "close"},
       }) {
    response faulty;
    faulty.headers.add(name, value);
    EXPECT_NE(check_response(faulty), "") << name;
  }
  answer.content_type = "text/plain\r\nX: y";
  EXPECT_NE(check_response(answer), "");
}

TEST(response, has_a_final_status) {
  response answer;
  for (const int status : {0, 100, 199, 600}) {
    answer.status = status;
    EXPECT_NE(check_response(answer), "");
  }
}

TEST(request_id, is_short_and_can_forge_nothing) {
  EXPECT_TRUE(is_request_id("0af7651916cd43dd-8448eb211c80319c_A.b"));
  EXPECT_TRUE(is_request_id(std::string(64, 'a')));
  for (const std::string& text :
       {std::string(), std::string(65, 'a'), std::string("a b"), std::string("\"}"), std::string("é")}) {
    EXPECT_FALSE(is_request_id(text));
  }
}

TEST(date, is_as_http_wants_it) {
  date_text date;
  constexpr auto day = std::chrono::sys_days(std::chrono::November / 6 / 1994);
  EXPECT_EQ(date.at(day + 8h + 49min + 37s), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.at(day + 8h + 49min + 38s), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(date_text().at(std::chrono::sys_seconds()), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(header_list, forgets_case_and_keeps_order) {
  header_list list;
  list.add("Accept", "a");
  list.add("Via", "b");
  list.add("accept", "c");
  EXPECT_EQ(list.find("ACCEPT"), "a");
  list.set("aCCEPT", "d");
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ(list.at(0).name, "Via");
  EXPECT_EQ(list.at(1).value, "d");
  EXPECT_FALSE(list.find("Acce"));
}

}  // namespace
}  // namespace meridian::http
