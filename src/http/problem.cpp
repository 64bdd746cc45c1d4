#include "http/problem.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace meridian::http {
namespace {

struct meaning {
  int status;
  std::string_view title;
  std::string_view retry_after_s;  // empty: no promise that trying again helps
};

meaning meaning_of(errc code) {
  switch (code) {
    case errc::invalid_argument:
      return {400, "The request is not valid", ""};
    case errc::unauthenticated:
      return {401, "Sign in first", ""};
    case errc::forbidden:
      return {403, "Not allowed", ""};
    case errc::not_found:
      return {404, "Not found", ""};
    case errc::conflict:
      return {409, "In conflict with what is there", ""};
    case errc::stale:
      return {412, "Changed by somebody else", ""};
    case errc::too_large:
      return {413, "Too large", ""};
    case errc::rate_limited:
      return {429, "Too many requests", "1"};
    case errc::overloaded:
      return {503, "The server is busy", "1"};
    case errc::timed_out:
      return {504, "Not done in time", ""};
    case errc::unavailable:
      return {503, "Not available now", ""};
    case errc::unprepared:
      return {503, "Not set up yet", ""};
    case errc::wrong_region:
      return {421, "Served by another region", ""};
    // Nobody is owed this answer: whoever cancelled has left, or the server is about to. 499 is not a standard status.
    case errc::cancelled:
      return {503, "The work was abandoned", ""};
    case errc::retry:
      return {503, "Try again", "1"};
    case errc::internal:
      return {500, "The server failed", ""};
  }
  return {500, "The server failed", ""};
}

response problem(
    int status, std::string_view type, std::string_view title, std::string_view detail, std::string_view remedy = "",
    std::string_view field = ""
) {
  boost::json::object content;
  content["type"] = "urn:meridian:error:" + std::string(type);
  content["title"] = title;
  content["status"] = status;
  if (!detail.empty()) {
    content["detail"] = detail;
  }
  if (!remedy.empty()) {
    content["remedy"] = remedy;
  }
  if (!field.empty()) {
    content["field"] = field;
  }
  response made;
  made.status = status;
  made.content_type = "application/problem+json";
  made.body = boost::json::serialize(content);
  return made;
}

}  // namespace

response problem_of(const error& failure) {
  const auto [status, title, retry_after_s] = meaning_of(failure.code);
  const bool is_secret = failure.code == errc::internal;
  auto made = problem(
      status, to_string(failure.code), title, is_secret ? "" : failure.message, is_secret ? "" : failure.remedy,
      is_secret ? "" : failure.field
  );
  if (!retry_after_s.empty()) {
    made.headers.add("Retry-After", retry_after_s);
  }
  if (status == 401) {
    made.headers.add("WWW-Authenticate", "Bearer");
  }
  return made;
}

response problem_of(const refusal& refused) {
  return problem(refused.status, refused.type, reason_of(refused.status), refused.detail);
}

}  // namespace meridian::http
