// What a client sends after the handshake, in whatever pieces: the same is heard however it is cut, within the caps.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/frame.hpp"
#include "http/target.hpp"

namespace {

using namespace meridian::http;

constexpr std::size_t text_bytes_max = 300;

void expect(bool holds) {
  if (!holds) {
    std::abort();
  }
}

class recorder final : public frame_listener {
 public:
  bool on_frame() override { return true; }
  bool on_text(std::string_view text) override {
    expect(text.size() <= text_bytes_max && is_utf8(text));
    append_frame(heard, opcode::text, text);
    return true;
  }
  bool on_ping(std::string_view payload) override {
    expect(payload.size() <= control_bytes_max);
    append_frame(heard, opcode::ping, payload);
    return true;
  }
  void on_close(std::uint16_t code) override {
    expect(!is_closed);
    is_closed = true;
    heard += std::to_string(code);
  }

  std::string heard;
  bool is_closed = false;
};

// What was heard, and how it ended, when each piece has that many bytes.
std::string read(std::string bytes, std::size_t piece) {
  frame_reader reader(text_bytes_max);
  recorder kept;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto size = std::min(piece, bytes.size() - at);
    if (const auto fault = reader.feed(std::span(bytes).subspan(at, size), kept)) {
      return kept.heard + "!" + std::to_string(static_cast<int>(fault->code));
    }
  }
  return kept.heard;
}

}  // namespace

// The first byte says how the rest is cut; masks are the input's own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read(bytes, bytes.size());
  expect(read(bytes, std::max<std::size_t>(data[0], 1)) == whole);
  expect(read(bytes, 1) == whole);
  return 0;
}
