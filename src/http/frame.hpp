// The frames of RFC 6455: what a client's bytes mean, and how ours are written. No input or output here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/deflate.hpp"
#include "http/websocket.hpp"

namespace meridian::http {

enum class opcode : std::uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

inline constexpr std::size_t frame_head_bytes_max = 14;     // with a mask
inline constexpr std::size_t control_bytes_max = 125;       // of a ping, a pong, a close
inline constexpr std::size_t close_reason_bytes_max = 123;  // a close has a code too

// Appends one whole frame, unmasked, as servers send them.
void append_frame(std::string& out, opcode kind, std::string_view payload, bool is_compressed = false);

// The payload of one of ours that is a text; "" of any other.
std::string_view text_of(std::string_view frame);

// `reason` is cut to what a close frame holds, at a letter's end.
std::string encode_close(close_code code, std::string_view reason);

// Who hears what has come. Each answers whether the reader is to go on; it stops for good when not.
class frame_listener {
 public:
  frame_listener() = default;
  frame_listener(const frame_listener&) = delete;
  frame_listener& operator=(const frame_listener&) = delete;
  virtual ~frame_listener() = default;

  // Before anything else of a frame.
  virtual bool on_frame() = 0;

  // Views hold for the call. A text is whole and valid UTF-8.
  virtual bool on_text(std::string_view text) = 0;
  virtual bool on_ping(std::string_view payload) = 0;

  // The peer's last frame. `code` is 0 when it gave none.
  virtual void on_close(std::uint16_t code) = 0;
};

// Why a connection can't go on.
struct frame_fault {
  close_code code;
  std::string_view reason;
};

// Reads what one client sends, in whatever pieces it comes. Holds nothing between messages but a pointer, so that a
// connection that rests costs nothing here.
class frame_reader {
 public:
  // `inflating` outlives it; none when no compression was agreed on. The cap holds for the expanded text too.
  explicit frame_reader(std::size_t message_bytes_max, inflater* inflating = nullptr)
      : message_bytes_max_(message_bytes_max), inflating_(inflating) {}

  // Unmasks `bytes` in place, and takes them all unless there is a fault or the listener has had enough.
  std::optional<frame_fault> feed(std::span<char> bytes, frame_listener& heard);

  // Whether nothing has begun that is not whole yet.
  bool is_at_rest() const { return begun_ == nullptr; }

 private:
  // What waits for its end.
  struct unfinished {
    std::string frame;          // the first bytes of a frame
    std::string text;           // the fragments so far, unmasked
    bool is_text_open = false;  // its last fragment is still to come
    bool is_compressed = false;
  };

  struct head;
  using fault = std::optional<frame_fault>;

  fault feed_whole(std::span<char> bytes, frame_listener& heard);
  std::size_t complete(std::span<char> bytes);
  fault read_head(std::span<const char> bytes, std::optional<head>& found) const;
  fault check_head(const head& next) const;
  fault take(const head& next, std::span<char> payload, frame_listener& heard);
  fault take_data(const head& next, std::string_view payload, frame_listener& heard);
  fault take_close(std::string_view payload, frame_listener& heard);
  unfinished& begun();
  std::size_t text_bytes() const { return begun_ == nullptr ? 0 : begun_->text.size(); }
  bool is_text_open() const { return begun_ != nullptr && begun_->is_text_open; }
  void tidy();

  const std::size_t message_bytes_max_;
  inflater* const inflating_;
  bool has_ended_ = false;
  std::unique_ptr<unfinished> begun_;
};

}  // namespace meridian::http
