#include "http/frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "http/target.hpp"

namespace meridian::http {
namespace {

constexpr unsigned final_bit = 0x80;
constexpr unsigned compressed_bit = 0x40;
constexpr unsigned reserved_bits = 0x30;
constexpr unsigned opcode_bits = 0x0f;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned length_bits = 0x7f;
constexpr unsigned length_in_2_bytes = 126;
constexpr unsigned length_in_8_bytes = 127;
constexpr std::size_t mask_bytes = 4;

constexpr unsigned byte_at(std::span<const char> bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> shift & 0xffU);
  }
}

std::uint64_t read_big_endian(std::span<const char> bytes) {
  std::uint64_t value = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    value = value << 8U | byte_at(bytes, at);
  }
  return value;
}

// Eight bytes at a time; the compiler makes more of it.
void unmask(std::span<char> bytes, std::span<const char> key) {
  std::array<char, 8> twice{};
  std::memcpy(twice.data(), key.data(), mask_bytes);
  std::memcpy(twice.data() + mask_bytes, key.data(), mask_bytes);
  std::uint64_t pattern = 0;
  std::memcpy(&pattern, twice.data(), sizeof pattern);
  std::size_t at = 0;
  for (; at + sizeof pattern <= bytes.size(); at += sizeof pattern) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    word ^= pattern;
    std::memcpy(bytes.data() + at, &word, sizeof word);
  }
  for (; at < bytes.size(); ++at) {
    bytes[at] = static_cast<char>(bytes[at] ^ key[at % mask_bytes]);
  }
}

// RFC 6455, 7.4, and the registry: those that a peer may say.
constexpr bool may_be_said(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

constexpr frame_fault broken(std::string_view reason) {
  return {close_code::broken, reason};
}

}  // namespace

void append_frame(std::string& out, opcode kind, std::string_view payload, bool is_compressed) {
  out += static_cast<char>(final_bit | (is_compressed ? compressed_bit : 0) | static_cast<unsigned>(kind));
  if (payload.size() < length_in_2_bytes) {
    out += static_cast<char>(payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(length_in_2_bytes);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(length_in_8_bytes);
    append_big_endian(out, payload.size(), 8);
  }
  out += payload;
}

std::string_view text_of(std::string_view frame) {
  if (frame.size() < 2 || byte_at(frame, 0) != (final_bit | static_cast<unsigned>(opcode::text))) {
    return {};
  }
  const auto length = byte_at(frame, 1);
  return frame.substr(length == length_in_8_bytes ? 10 : length == length_in_2_bytes ? 4 : 2);
}

std::string encode_close(close_code code, std::string_view reason) {
  auto size = std::min(reason.size(), close_reason_bytes_max);
  while (size < reason.size() && size > 0 && (byte_at(reason, size) & 0xc0U) == 0x80) {
    --size;
  }
  std::string payload;
  append_big_endian(payload, static_cast<std::uint64_t>(code), 2);
  payload += reason.substr(0, size);
  std::string frame;
  append_frame(frame, opcode::close, payload);
  return frame;
}

struct frame_reader::head {
  bool is_final = false;
  bool is_compressed = false;
  bool has_reserved = false;
  opcode kind = opcode::more;
  std::size_t bytes = 0;  // of the head itself
  std::uint64_t payload_bytes = 0;

  bool is_control() const { return kind >= opcode::close; }
};

frame_reader::unfinished& frame_reader::begun() {
  if (begun_ == nullptr) {
    begun_ = std::make_unique<unfinished>();
  }
  return *begun_;
}

void frame_reader::tidy() {
  if (begun_ != nullptr && begun_->frame.empty() && !begun_->is_text_open) {
    begun_.reset();
  }
}

frame_reader::fault frame_reader::feed(std::span<char> bytes, frame_listener& heard) {
  while (begun_ != nullptr && !begun_->frame.empty() && !bytes.empty() && !has_ended_) {
    std::optional<head> first;
    bytes = bytes.subspan(complete(bytes));
    if (const auto wrong = read_head(begun_->frame, first)) {
      return wrong;
    }
    if (first && begun_->frame.size() == first->bytes + first->payload_bytes) {
      auto whole = std::exchange(begun_->frame, {});
      if (const auto wrong = take(*first, std::span(whole).subspan(first->bytes), heard)) {
        return wrong;
      }
    }
  }
  const auto wrong = has_ended_ ? fault() : feed_whole(bytes, heard);
  tidy();
  return wrong;
}

// Moves to the frame that waits what it lacks, or what there is of it; first its head. Tells how many bytes.
std::size_t frame_reader::complete(std::span<char> bytes) {
  auto& frame = begun_->frame;
  std::optional<head> known;
  std::size_t lacking = 1;
  if (!read_head(frame, known) && known) {
    lacking = known->bytes + known->payload_bytes - frame.size();
  }
  const auto count = std::min(lacking, bytes.size());
  frame.append(bytes.data(), count);
  return count;
}

// The frames that are whole in `bytes`; keeps the beginning of the last one.
frame_reader::fault frame_reader::feed_whole(std::span<char> bytes, frame_listener& heard) {
  while (!bytes.empty()) {
    std::optional<head> next;
    if (const auto wrong = read_head(bytes, next)) {
      return wrong;
    }
    if (!next || bytes.size() - next->bytes < next->payload_bytes) {
      begun().frame.assign(bytes.data(), bytes.size());
      return {};
    }
    const auto payload = bytes.subspan(next->bytes, next->payload_bytes);
    if (const auto wrong = take(*next, payload, heard)) {
      return wrong;
    }
    if (has_ended_) {
      return {};
    }
    bytes = bytes.subspan(next->bytes + next->payload_bytes);
  }
  return {};
}

// None when more bytes are needed.
frame_reader::fault frame_reader::read_head(std::span<const char> bytes, std::optional<head>& found) const {
  if (bytes.size() < 2) {
    return {};
  }
  head next;
  next.is_final = (byte_at(bytes, 0) & final_bit) != 0;
  next.is_compressed = (byte_at(bytes, 0) & compressed_bit) != 0;
  next.has_reserved = (byte_at(bytes, 0) & reserved_bits) != 0;
  next.kind = static_cast<opcode>(byte_at(bytes, 0) & opcode_bits);
  const auto length = byte_at(bytes, 1) & length_bits;
  const std::size_t length_bytes = length == length_in_8_bytes ? 8 : length == length_in_2_bytes ? 2 : 0;
  if ((byte_at(bytes, 1) & mask_bit) == 0) {
    return broken("a client's frames are masked");
  }
  next.bytes = 2 + length_bytes + mask_bytes;
  // By its first two bytes first, which say that a longer length is at least this: of several faults the same one is
  // told however the bytes come.
  next.payload_bytes = length;
  if (const auto wrong = check_head(next)) {
    return wrong;
  }
  if (length_bytes > 0 && bytes.size() >= 2 + length_bytes) {
    next.payload_bytes = read_big_endian(bytes.subspan(2, length_bytes));
    if (next.payload_bytes < (length_bytes == 2 ? length_in_2_bytes : 0x10000U)) {
      return broken("a length is not in its shortest form");
    }
    if (const auto wrong = check_head(next)) {
      return wrong;
    }
  }
  if (bytes.size() >= next.bytes) {
    found = next;
  }
  return {};
}

// As early as it is known, so that no payload is held that will be refused.
frame_reader::fault frame_reader::check_head(const head& next) const {
  if (next.has_reserved || (next.is_compressed && (inflating_ == nullptr || next.kind != opcode::text))) {
    return broken("no extension was agreed on");
  }
  switch (next.kind) {
    case opcode::close:
    case opcode::ping:
    case opcode::pong:
      if (!next.is_final || next.payload_bytes > control_bytes_max) {
        return broken("a control frame is short and whole");
      }
      return {};
    case opcode::binary:
      return frame_fault{close_code::not_text, "only texts are taken here"};
    case opcode::text:
    case opcode::more:
      break;
    default:
      return broken("an unknown kind of frame");
  }
  if ((next.kind == opcode::more) != is_text_open()) {
    return broken(is_text_open() ? "a text begins within another" : "a text goes on that has not begun");
  }
  if (next.payload_bytes > message_bytes_max_ - text_bytes()) {
    return frame_fault{close_code::too_large, "a text is too long"};
  }
  return {};
}

frame_reader::fault frame_reader::take(const head& next, std::span<char> payload, frame_listener& heard) {
  if (!heard.on_frame()) {
    has_ended_ = true;
    return {};
  }
  const auto* const key = payload.data() - mask_bytes;
  unmask(payload, {key, mask_bytes});
  const std::string_view content(payload.data(), payload.size());
  switch (next.kind) {
    case opcode::close:
      return take_close(content, heard);
    case opcode::ping:
      has_ended_ = !heard.on_ping(content);
      return {};
    case opcode::pong:
      return {};
    default:
      return take_data(next, content, heard);
  }
}

frame_reader::fault frame_reader::take_data(const head& next, std::string_view payload, frame_listener& heard) {
  if (!next.is_final) {
    auto& kept = begun();
    kept.is_compressed = kept.is_text_open ? kept.is_compressed : next.is_compressed;
    kept.is_text_open = true;
    kept.text += payload;
    return {};
  }
  bool is_compressed = next.is_compressed;
  std::string all;
  if (is_text_open()) {
    all = std::exchange(begun_->text, {});
    begun_->is_text_open = false;
    is_compressed = begun_->is_compressed;
    all += payload;
    payload = all;
  }
  std::string expanded;
  if (is_compressed) {
    const auto found = inflating_->expand(payload, message_bytes_max_, expanded);
    if (found == inflater::verdict::too_large) {
      return frame_fault{close_code::too_large, "a text is too long"};
    }
    if (found == inflater::verdict::malformed) {
      return frame_fault{close_code::not_utf8, "a text is not compressed as was agreed on"};
    }
    payload = expanded;
  }
  if (!is_utf8(payload)) {
    return frame_fault{close_code::not_utf8, "a text is not UTF-8"};
  }
  has_ended_ = !heard.on_text(payload);
  return {};
}

frame_reader::fault frame_reader::take_close(std::string_view payload, frame_listener& heard) {
  has_ended_ = true;
  if (payload.empty()) {
    heard.on_close(0);
    return {};
  }
  const auto code = payload.size() < 2 ? 0U : static_cast<unsigned>(read_big_endian(payload.substr(0, 2)));
  if (!may_be_said(code)) {
    return broken("a close has no such code");
  }
  if (!is_utf8(payload.substr(2))) {
    return frame_fault{close_code::not_utf8, "a reason is not UTF-8"};
  }
  heard.on_close(static_cast<std::uint16_t>(code));
  return {};
}

}  // namespace meridian::http
