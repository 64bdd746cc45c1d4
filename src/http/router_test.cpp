#include "http/router.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace meridian::http {
namespace {

task<response> nothing(request) {
  co_return response();
}

class router_test : public testing::Test {
 protected:
  std::string pattern_of(verb method, std::string_view path) const {
    const auto match = routes_.find(method, path);
    return match.found == nullptr ? "" : match.found->pattern;
  }

  // A request as the server would make it.
  request routed(verb method, std::string path) const {
    request made;
    made.captures = routes_.find(method, path).captures;
    made.path = std::move(path);
    return made;
  }

  router routes_;
};

TEST_F(router_test, finds_by_method_and_path) {
  routes_.add(verb::get, "/", nothing).add(verb::get, "/v1/a", nothing).add(verb::post, "/v1/a", nothing);
  EXPECT_EQ(pattern_of(verb::get, "/"), "/");
  EXPECT_EQ(routes_.find(verb::post, "/v1/a").found->method, verb::post);
  for (const auto* path : {"/v1", "/v1/", "/v1/a/", "/v1/a/b", "/v1/A", "//v1/a", "", "v1/a"}) {
    EXPECT_EQ(pattern_of(verb::get, path), "") << path;
  }
}

TEST_F(router_test, captures_text_and_numbers) {
  routes_.add(verb::put, "/v1/messages/{id:number}/reactions/{emoji}", nothing);
  const auto made = routed(verb::put, "/v1/messages/9223372036854775807/reactions/👍");
  EXPECT_EQ(made.number("id"), 9223372036854775807);
  EXPECT_EQ(made.text("id"), "9223372036854775807");
  EXPECT_EQ(made.text("emoji"), "👍");
  EXPECT_THROW(made.text("name"), std::logic_error);
  EXPECT_THROW(made.number("emoji"), std::logic_error);
}

TEST_F(router_test, keeps_captures_valid_in_a_moved_request) {
  routes_.add(verb::get, "/{a}", nothing);
  auto made = routed(verb::get, "/x");
  const auto moved = std::move(made);
  EXPECT_EQ(moved.text("a"), "x");
}

TEST_F(router_test, takes_only_numbers_with_one_spelling_for_numbers) {
  routes_.add(verb::get, "/v1/messages/{id:number}", nothing);
  for (const auto* path : {"0", "-1", "+1", "01", "1a", "", "9223372036854775808", "1 "}) {
    EXPECT_EQ(pattern_of(verb::get, std::string("/v1/messages/") + path), "") << path;
  }
}

TEST_F(router_test, prefers_the_literal_then_the_number_then_the_text) {
  routes_.add(verb::get, "/p/me", nothing)
      .add(verb::get, "/p/{id:number}", nothing)
      .add(verb::get, "/p/{name}", nothing);
  EXPECT_EQ(pattern_of(verb::get, "/p/me"), "/p/me");
  EXPECT_EQ(pattern_of(verb::get, "/p/7"), "/p/{id:number}");
  EXPECT_EQ(pattern_of(verb::get, "/p/you"), "/p/{name}");
}

TEST_F(router_test, goes_back_where_the_preferred_way_ends) {
  routes_.add(verb::post, "/p/me", nothing)
      .add(verb::get, "/p/{name}", nothing)
      .add(verb::get, "/p/{id:number}/a", nothing);
  routes_.add(verb::get, "/p/{name}/b", nothing);
  EXPECT_EQ(pattern_of(verb::get, "/p/me"), "/p/{name}");
  const auto made = routed(verb::get, "/p/12/b");
  EXPECT_EQ(made.captures.size(), 1);
  EXPECT_EQ(made.text("name"), "12");
}

TEST_F(router_test, answers_head_with_get_unless_there_is_a_head) {
  routes_.add(verb::get, "/a", nothing).add(verb::get, "/b", nothing).add(verb::head, "/b", nothing);
  EXPECT_EQ(routes_.find(verb::head, "/a").found->method, verb::get);
  EXPECT_EQ(routes_.find(verb::head, "/b").found->method, verb::head);
}

TEST_F(router_test, tells_what_a_path_does_answer) {
  routes_.add(verb::get, "/a/{x}", nothing).add(verb::remove, "/a/b", nothing).add(verb::post, "/c", nothing);
  const auto refused = unmatched(verb::put, routes_.find(verb::put, "/a/b"));
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.find("Allow"), "GET, HEAD, DELETE");
  EXPECT_EQ(unmatched(verb::put, routes_.find(verb::put, "/c")).headers.find("Allow"), "POST");
  EXPECT_EQ(unmatched(verb::put, routes_.find(verb::put, "/d")).status, 404);
}

TEST_F(router_test, refuses_patterns_that_are_bugs) {
  routes_.add(verb::get, "/a/{x}", nothing);
  for (const auto* pattern :
       {"", "a", "/a/{x}", "/a/{y}", "/{", "/{x", "/{x}y", "/{}", "/{:number}", "/{x:text}", "/{x}/{x}",
        "/{a}/{b}/{c}/{d}/{e}"}) {
    EXPECT_THROW(routes_.add(verb::get, pattern, nothing), std::logic_error) << pattern;
  }
}

}  // namespace
}  // namespace meridian::http
