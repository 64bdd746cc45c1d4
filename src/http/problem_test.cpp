#include "http/problem.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace meridian::http {
namespace {

TEST(problem, says_what_is_wrong_and_what_to_do) {
  const auto answer = problem_of(error{errc::not_found, "there is no node 127.0.0.9", "meridian status lists them"});
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.content_type, "application/problem+json");
  const auto expected = boost::json::parse(R"({
    "type": "urn:meridian:error:not_found", "title": "Not found", "status": 404,
    "detail": "there is no node 127.0.0.9", "remedy": "meridian status lists them"
  })");
  EXPECT_EQ(boost::json::parse(answer.body), expected);
}

TEST(problem, has_a_status_for_every_meaning) {
  const std::pair<errc, int> expected[] = {
      {errc::invalid_argument, 400}, {errc::unauthenticated, 401}, {errc::forbidden, 403},   {errc::not_found, 404},
      {errc::conflict, 409},         {errc::stale, 412},           {errc::too_large, 413},   {errc::rate_limited, 429},
      {errc::overloaded, 503},       {errc::timed_out, 504},       {errc::unavailable, 503}, {errc::wrong_region, 421},
      {errc::unprepared, 503},       {errc::cancelled, 503},       {errc::retry, 503},       {errc::internal, 500},
  };
  for (const auto& [code, status] : expected) {
    const auto answer = problem_of(error{code, "why", ""});
    EXPECT_EQ(answer.status, status) << to_string(code);
    EXPECT_FALSE(reason_of(status).empty());
    const auto content = boost::json::parse(answer.body).as_object();
    EXPECT_EQ(content.at("type").as_string(), "urn:meridian:error:" + std::string(to_string(code)));
    EXPECT_FALSE(content.contains("remedy"));
  }
}

TEST(problem, promises_a_retry_only_where_one_helps) {
  for (const auto code : {errc::rate_limited, errc::overloaded, errc::retry}) {
    EXPECT_EQ(problem_of(error{code, "busy", ""}).headers.find("retry-after"), "1");
  }
  EXPECT_FALSE(problem_of(error{errc::conflict, "taken", ""}).headers.find("Retry-After"));
}

TEST(problem, names_the_scheme_to_sign_in_with) {
  EXPECT_EQ(problem_of(error{errc::unauthenticated, "no token", ""}).headers.find("WWW-Authenticate"), "Bearer");
}

TEST(problem, keeps_the_inside_of_the_server_to_itself) {
  const auto answer = problem_of(error{errc::internal, "can't write /var/lib/secret", "look into /var/log"});
  const auto content = boost::json::parse(answer.body).as_object();
  EXPECT_FALSE(content.contains("detail"));
  EXPECT_FALSE(content.contains("remedy"));
}

TEST(problem, of_http_alone_has_its_own_type) {
  const auto answer = problem_of(refusal(431, "header_too_large", "too \"large\""));
  EXPECT_EQ(answer.status, 431);
  const auto content = boost::json::parse(answer.body).as_object();
  EXPECT_EQ(content.at("type").as_string(), "urn:meridian:error:header_too_large");
  EXPECT_EQ(content.at("title").as_string(), "Request Header Fields Too Large");
  EXPECT_EQ(content.at("detail").as_string(), "too \"large\"");
}

}  // namespace
}  // namespace meridian::http
