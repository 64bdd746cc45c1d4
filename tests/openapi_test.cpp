// The OpenAPI document's examples follow its schemas, and what answers are held against it finds what is wrong.
#include "support/openapi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace meridian::test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

const openapi& product = openapi::product();

// Each {schema, example} of the tree.
int check_examples(const json::value& from) {
  int checked = 0;
  if (const auto* object = from.if_object()) {
    const auto* schema = object->if_contains("schema");
    const auto* example = object->if_contains("example");
    if (schema != nullptr && example != nullptr) {
      EXPECT_EQ(product.fault_in(*schema, *example), "");
      ++checked;
    }
    for (const auto& [name, value] : *object) {
      checked += check_examples(value);
    }
  }
  return checked;
}

TEST(openapi, has_examples_that_are_as_documented) {
  EXPECT_GE(check_examples(product.document()), 20);
}

observed_answer message_answer() {
  const auto example =
      product.document().at_pointer("/paths/~1v1~1messages~1{id}/get/responses/200/content/application~1json/example");
  return {
      200,
      {{"Content-Type", "application/json"},
       {"X-Request-Id", "a"},
       {"Meridian-Served-By", "asia/x"},
       {"ETag", "\"21\""},
       {"Meridian-Region", "europe"}},
      json::serialize(example)
  };
}

std::string fault(const observed_answer& answer) {
  return product.fault_in("GET", "/v1/messages/1175438219149312?x=y", answer);
}

TEST(openapi, finds_nothing_wrong_with_what_is_right) {
  EXPECT_EQ(fault(message_answer()), "");
}

TEST(openapi, finds_members_that_are_too_many_too_few_or_of_another_kind) {
  auto answer = message_answer();
  const auto body = json::parse(answer.body).as_object();
  auto more = body;
  more["secret"] = 1;
  answer.body = json::serialize(more);
  EXPECT_THAT(fault(answer), HasSubstr("secret"));
  auto fewer = body;
  fewer.erase("seq");
  answer.body = json::serialize(fewer);
  EXPECT_THAT(fault(answer), HasSubstr("seq"));
  auto other = body;
  other["id"] = 12;
  answer.body = json::serialize(other);
  EXPECT_NE(fault(answer), "");
  other = body;
  other["edited_at"] = "yesterday";
  answer.body = json::serialize(other);
  EXPECT_NE(fault(answer), "");
  other["edited_at"] = nullptr;
  answer.body = json::serialize(other);
  EXPECT_EQ(fault(answer), "");
  other["reactions"] = json::array{json::object{{"emoji", "wave"}, {"count", 0}, {"profile_ids", json::array()}}};
  answer.body = json::serialize(other);
  EXPECT_NE(fault(answer), "") << "nested";
}

TEST(openapi, finds_statuses_headers_types_and_paths_that_nobody_promised) {
  auto answer = message_answer();
  answer.status = 201;
  EXPECT_THAT(fault(answer), HasSubstr("an undocumented status"));
  answer = message_answer();
  answer.headers.pop_back();
  EXPECT_THAT(fault(answer), HasSubstr("without the header Meridian-Region"));
  answer = message_answer();
  answer.headers[3].second = "21";
  EXPECT_THAT(fault(answer), HasSubstr("the header ETag"));
  answer = message_answer();
  answer.headers[0].second = "text/plain";
  EXPECT_THAT(fault(answer), HasSubstr("an undocumented content type"));
  answer = message_answer();
  answer.body += "}";
  EXPECT_THAT(fault(answer), HasSubstr("not JSON"));
  EXPECT_THAT(product.fault_in("GET", "/v1/nothing", message_answer()), HasSubstr("an undocumented path"));
  EXPECT_THAT(product.fault_in("PUT", "/v1/messages/1", message_answer()), HasSubstr("an undocumented method"));
}

TEST(openapi, takes_a_problem_for_each_failure) {
  observed_answer answer{
      404,
      {{"Content-Type", "application/problem+json"}, {"X-Request-Id", "a"}, {"Meridian-Served-By", "asia/x"}},
      R"({"type":"urn:meridian:error:not_found","title":"Not found","status":404})"
  };
  EXPECT_EQ(fault(answer), "");
  answer.status = 500;
  EXPECT_EQ(fault(answer), "") << "the server's own";
  answer.body = R"({"error":"oops"})";
  EXPECT_NE(fault(answer), "");
  answer.status = 418;
  EXPECT_THAT(fault(answer), HasSubstr("an undocumented status"));
}

}  // namespace
}  // namespace meridian::test
