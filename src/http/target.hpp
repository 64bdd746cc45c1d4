// The request target: from the wire's bytes to text that every later room may trust.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/utf8.hpp"
#include "http/message.hpp"

namespace meridian::http {

// More parameters than any page of ours sends; each costs two strings.
inline constexpr std::size_t query_parameters_max = 64;

struct target {
  std::string path;
  query_list query;
};

// Decodes an origin-form ("/a?b=c") or absolute-form ("http://host/a?b=c") target. invalid_argument, saying why, for
// anything that two readers could understand differently: bytes that should have been escaped, broken escapes, an
// escaped slash, "." and ".." segments, controls, text that is not UTF-8. In the query "+" is a space and only NUL is
// refused among the controls.
result<target> decode_target(std::string_view raw);

using meridian::is_utf8;

}  // namespace meridian::http
