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
  made.message = [&data = stage_.data()](std::uint64_t number) {
    const auto channel_id = data.first_channel_id + static_cast<std::int64_t>(number % data.wish.channels);
    const auto target = fmt::format("/v1/channels/{}/messages", channel_id);
    auto text = fmt::format("{}message {} ", crowd_mark, number);
    text.resize(text_bytes, '.');
    std::string request;
    append_request(request, "POST", target, data.tokens.front(), fmt::format("{{\"text\":\"{}\"}}", text));
    return request;
  };
  return made;
}

}  // namespace meridian::lab
