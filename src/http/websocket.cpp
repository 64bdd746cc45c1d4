#include "http/websocket.hpp"

#include "http/frame.hpp"

namespace meridian::http {

shared_frame make_text_frame(std::string_view text) {
  auto made = std::make_shared<std::string>();
  made->reserve(frame_head_bytes_max + text.size());
  append_frame(*made, opcode::text, text);
  return made;
}

void websocket_group::send_now(std::span<websocket* const> receivers, std::span<const shared_frame> frames) {
  for (auto* one : receivers) {
    for (const auto& frame : frames) {
      one->send_now(frame);
    }
  }
}

websocket_counters& websocket_counters::operator+=(const websocket_counters& other) {
  open += other.open;
  queued_bytes += other.queued_bytes;
  opened += other.opened;
  frames_sent += other.frames_sent;
  writes += other.writes;
  ephemeral_dropped += other.ephemeral_dropped;
  frames_received += other.frames_received;
  closed_slow += other.closed_slow;
  closed_silent += other.closed_silent;
  closed_faulty += other.closed_faulty;
  return *this;
}

}  // namespace meridian::http
