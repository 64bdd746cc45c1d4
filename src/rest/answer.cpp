#include "rest/answer.hpp"

#include <fmt/core.h>

namespace meridian::rest {

http::response json_answer(int status, std::string body) {
  http::response answer;
  answer.status = status;
  answer.content_type = "application/json";
  answer.body = std::move(body);
  return answer;
}

http::response nothing() {
  http::response answer;
  answer.status = 204;
  return answer;
}

void set_region(http::response& answer, const topology::region& home) {
  answer.headers.set("Meridian-Region", home.name);
}

void set_missing_regions(http::response& answer, std::string_view names) {
  if (!names.empty()) {
    answer.headers.set("Meridian-Missing-Regions", names);
  }
}

void set_etag(http::response& answer, std::int64_t version) {
  answer.headers.set("ETag", fmt::format("\"{}\"", version));
}

}  // namespace meridian::rest
