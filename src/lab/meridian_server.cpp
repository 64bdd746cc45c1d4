#include "lab/meridian_server.hpp"

#include <fmt/format.h>

namespace meridian::lab {
namespace {

constexpr std::size_t text_bytes = 200;

}  // namespace

crowd_script meridian_server::member_script(std::size_t index) const {
  const auto& tokens = stage_.data().tokens;
  return {
      {"",
       fmt::format(
           "GET /v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nUpgrade: websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
           tokens[index % tokens.size()]
       )},
      {"\"hello\"", ""},
  };
}

crowd_speakers meridian_server::speakers() const {
  crowd_speakers made;
  made.connections = speaking_;
  made.accepted = "HTTP/1.1 201";
  const auto target = fmt::format("/v1/channels/{}/messages", stage_.data().first_channel_id);
  made.message = [target, token = stage_.data().tokens.front()](std::uint64_t number) {
    auto text = fmt::format("{}message {} ", crowd_mark, number);
    text.resize(text_bytes, '.');
    std::string request;
    append_request(request, "POST", target, token, fmt::format("{{\"text\":\"{}\"}}", text));
    return request;
  };
  return made;
}

}  // namespace meridian::lab
