// Lists by page: an opaque cursor tells where the next page begins, and never how many rows to skip.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"

namespace meridian::rest {

// The place behind the last row of a page: the values of the order's columns. At most 8.
using position = std::vector<std::string>;

// Text for a URL. It is no secret and not signed: each list checks what it reads.
std::string to_cursor(const position& behind);

struct page_request {
  std::size_t limit = 50;          // rows
  std::optional<position> behind;  // none: from the start
};

// `?limit=&cursor=`. invalid_argument, with the field, for a limit that is not 1 to `limit_max` and for a cursor that
// this API did not make with that many parts.
result<page_request> page_of(
    const http::request& received, std::size_t parts, std::size_t limit_default = 50, std::size_t limit_max = 200
);

// A query parameter that is a number; none when absent. invalid_argument with the field when it is out of range.
result<std::optional<std::int64_t>> number_of(
    const http::request& received, std::string_view name, std::int64_t least, std::int64_t most
);

// A query parameter that is an id; none when absent.
result<std::optional<std::int64_t>> id_of(const http::request& received, std::string_view name);

// A list's body around its items, which are JSON without brackets, with "next_cursor" null at the end of the list.
std::string list_body(std::string_view items, const std::optional<std::string>& next_cursor);

}  // namespace meridian::rest
