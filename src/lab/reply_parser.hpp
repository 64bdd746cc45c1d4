// The head of an HTTP/1.1 response, as far as a load generator needs it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace meridian::lab {

// Views into what was received.
struct reply {
  int status = 0;
  std::string_view body;
  std::size_t size = 0;  // head and body in bytes: where the next reply begins
  bool closes = false;   // the server says that it will
};

// The first reply of what was received so far, none while a part is missing; invalid_argument for what this program's
// server never sends (a body whose length is not told, another protocol, a head above 16 KiB).
result<std::optional<reply>> parse_reply(std::string_view received);

// The text or the number behind "name": in a flat JSON object, without its quotes; "" when there is none. Quick, and
// good enough for ids and numbers that our own server writes; not for text that is a person's.
std::string_view find_member(std::string_view json, std::string_view name);

}  // namespace meridian::lab
