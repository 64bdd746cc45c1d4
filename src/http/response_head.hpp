// From a response to the bytes before its body.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace meridian::http {

// What the connection adds to a response.
struct head_facts {
  std::string_view request_id;
  std::string_view date;
  bool keeps_alive = true;
  // Whole lines that every answer of the server has.
  std::string_view common_fields = "";  // NOLINT(readability-redundant-string-init): may be left out of braces
};

// The fields as such lines; they pass check_response.
std::string encode_fields(const header_list& fields);

// Nothing wrong: "". Otherwise why this response can't be sent, for the log: a status that is no final one, a field
// that is not one line of text (a caller's text in it could start a second response), or one that is the server's own.
std::string check_response(const response& answer);

// Status line and fields, with the blank line; `answer` passes check_response.
std::string encode_head(const response& answer, const head_facts& facts);

// Whether this status comes with a body at all.
constexpr bool has_body(int status) {
  return status != 204 && status != 304;
}

// Made by a well-meaning caller: short, and nothing that could forge a log line.
bool is_request_id(std::string_view text);

// RFC 9110's date, made once a second. One a lane.
class date_text {
 public:
  std::string_view at(std::chrono::sys_seconds now);

 private:
  std::chrono::sys_seconds made_at_;
  std::string text_;
};

}  // namespace meridian::http
