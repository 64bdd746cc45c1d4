// Whether what the product answers is what its OpenAPI document promises.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace meridian::test {

using header_fields = std::vector<std::pair<std::string, std::string>>;

// An answer as it came over the wire.
struct observed_answer {
  int status = 0;
  header_fields headers;
  std::string body;
};

// api/openapi.json, read once.
class openapi {
 public:
  static const openapi& product();
  ~openapi();

  // What of the answer to that request is not as documented: an unknown path or status, a header that is missing or
  // malformed, another content type, a body that its schema does not allow. "" when all is well.
  std::string fault_in(const std::string& method, std::string_view target, const observed_answer& answer) const;

  // What of the value its schema ("#/components/schemas/Message", or the schema itself) does not allow; "" for nothing.
  std::string fault_in(const boost::json::value& schema, const boost::json::value& value) const;

  const boost::json::value& document() const;

  // What the document describes, in its order.
  struct operation {
    std::string method;  // "POST"
    std::string path;    // "/v1/channels/{id}/messages"
    const boost::json::object* description = nullptr;

    // Whether it is for those who are signed in.
    bool needs_session() const;
  };
  std::vector<operation> operations() const;

  // The value itself, or what its $ref names.
  const boost::json::value& resolved(const boost::json::value& given) const;

 private:
  openapi();
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace meridian::test
