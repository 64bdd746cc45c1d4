// From bytes to a request. Hides Beast, whose grammar this is, and refuses what Beast lets pass and could smuggle a
// second request past a proxy.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <boost/system/result.hpp>

#include "http/message.hpp"
#include "http/problem.hpp"

namespace meridian::http {

struct parser_limits {
  std::size_t header_bytes_max;  // of the request line and the fields; also of a chunk's size line and of the trailer
  std::size_t header_count_max;  // with the trailer's
  std::size_t target_bytes_max;
};

// One request at a time; owned by a session, on its lane.
class request_parser {
 public:
  explicit request_parser(const parser_limits& limits);
  request_parser(const request_parser&) = delete;
  request_parser& operator=(const request_parser&) = delete;
  ~request_parser();

  // Forgets everything: the next byte starts a request.
  void reset();

  // Takes bytes from the front of `bytes` and tells how many. Stops behind the header and behind the request, so that
  // the caller can look; where it stops before, what was not taken is to come again with more behind it. After a
  // refusal only reset() helps.
  boost::system::result<std::size_t, refusal> feed(std::string_view bytes);

  // Bodies beyond it are refused with 413: here when the header promises one, else while it comes. To be called when
  // has_header() turns true; until then the cap is 0.
  boost::system::result<void, refusal> limit_body(std::size_t bytes_max);

  bool has_header() const;
  bool is_complete() const;

  // From has_header() on:
  std::string_view target() const;
  bool keeps_alive() const;      // HTTP/1.1 without "Connection: close"
  bool awaits_continue() const;  // "Expect: 100-continue" with a body to come
  std::size_t body_size() const;

  // Method, headers and body; `path` and the rest are the caller's to fill. The parser's own is gone once it is moved
  // from.
  request& message();

 private:
  struct native;
  std::unique_ptr<native> native_;
};

}  // namespace meridian::http
