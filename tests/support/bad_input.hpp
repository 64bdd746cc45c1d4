// What the OpenAPI document does not allow, made from it: so a route that comes new is tried out with the others.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace meridian::test {

// Something to send in place of what is right.
struct bad_input {
  std::string what;   // for the message of a test that fails
  std::string text;   // the body, or the parameter's value
  std::string field;  // that the answer should name; "" for the body as a whole
};

// Values that a parameter or member with that schema does not take, as JSON.
std::vector<boost::json::value> values_against(const boost::json::value& schema);

// Bodies that differ from a right one in one member, for each alternative of the schema. `example` is right for one
// alternative; the others get their required ids. What tells an alternative from the others is not left out.
std::vector<bad_input> bodies_against(const boost::json::value& schema, const boost::json::object& example);

// Bodies that no route takes: not JSON, not UTF-8, not an object.
std::vector<bad_input> malformed_bodies();

// Values of a query parameter that are not as its schema ("limit", "before_seq", "cursor") says.
std::vector<bad_input> queries_against(const boost::json::object& parameter);

}  // namespace meridian::test
