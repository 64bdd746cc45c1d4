// GET, as `curl -s` does it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace meridian::test {

struct http_answer {
  int status = 0;  // 0: nobody answered
  std::string content_type;
  std::string body;
};

http_answer http_get(
    const std::string& address, std::uint16_t port, const std::string& target,
    std::chrono::seconds longest = std::chrono::seconds(10)
);

}  // namespace meridian::test
