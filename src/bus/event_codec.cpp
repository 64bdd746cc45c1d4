#include "bus/event_codec.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/core.h>

#include "base/utf8.hpp"

namespace meridian::bus {
namespace {

constexpr char version = 1;
constexpr unsigned char flag_member = 1;
constexpr std::size_t header_bytes_max = 3 + 5 * 9;

void append_number(std::string& out, std::int64_t value) {
  auto rest = static_cast<std::uint64_t>(value);
  while (rest >= 0x80) {
    out += static_cast<char>(0x80U | (rest & 0x7fU));
    rest >>= 7U;
  }
  out += static_cast<char>(rest);
}

// Takes octets off the front; after a mistake, nothing more.
class cursor {
 public:
  explicit cursor(std::string_view octets) : rest_(octets) {}

  unsigned char octet() {
    if (rest_.empty()) {
      is_good_ = false;
      return 0;
    }
    const auto taken = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return taken;
  }

  // 0 to 2^63 - 1, in as few octets as it takes.
  std::int64_t number() {
    constexpr unsigned bits_max = 63;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < bits_max; shift += 7) {
      const auto next = octet();
      value |= static_cast<std::uint64_t>(next & 0x7fU) << shift;
      if (next < 0x80) {
        is_good_ = is_good_ && (next != 0 || shift == 0);
        return static_cast<std::int64_t>(value);
      }
    }
    is_good_ = false;
    return 0;
  }

  std::string_view rest() const { return rest_; }
  bool is_good() const { return is_good_; }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

// Whether the kind has what belongs to it.
bool is_whole(const event& what) {
  switch (what.what) {
    case event_kind::message:
      return what.channel_id > 0 && what.seq > 0 && what.change_seq > 0;
    case event_kind::change:
      return what.channel_id > 0 && what.change_seq > 0;
    case event_kind::channel:
      return what.channel_id > 0;
    case event_kind::typing:
    case event_kind::read:
      return what.channel_id > 0 && what.profile_id > 0;
    case event_kind::membership:
    case event_kind::presence:
    case event_kind::status:
    case event_kind::reminder:
      break;
  }
  return what.profile_id > 0;
}

bool is_control(char letter) {
  return static_cast<unsigned char>(letter) < ' ';
}

// Whether its brackets close at its end and not before: what was cut off is no frame.
bool closes_at_its_end(std::string_view frame) {
  int depth = 0;
  bool is_text = false;
  for (std::size_t at = 0; at < frame.size(); ++at) {
    const char letter = frame[at];
    if (is_text) {
      at += letter == '\\' ? 1 : 0;
      is_text = letter != '"';
    } else if (letter == '"') {
      is_text = true;
    } else if (letter == '{' || letter == '[') {
      ++depth;
    } else if ((letter == '}' || letter == ']') && --depth == 0) {
      return at + 1 == frame.size();
    }
  }
  return false;
}

// JSON's strings hold no controls, and our writer puts none between them.
bool looks_like_frame(std::string_view frame, event_kind what) {
  const auto begin = fmt::format("{{\"type\":\"{}\"", to_string(what));
  return frame.size() > begin.size() && frame.size() <= frame_bytes_max && frame.starts_with(begin) &&
         (frame[begin.size()] == ',' || frame.size() == begin.size() + 1) && frame.ends_with('}') &&
         closes_at_its_end(frame) && std::ranges::none_of(frame, is_control) && is_utf8(frame);
}

error malformed(std::string_view why) {
  return {errc::invalid_argument, fmt::format("an event from another process {}", why), ""};
}

}  // namespace

std::optional<std::string> encode(const event& what) {
  if (what.frame.size() > frame_bytes_max) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(header_bytes_max + what.frame.size());
  out += version;
  out += static_cast<char>(what.what);
  out += static_cast<char>(what.is_member ? flag_member : 0);
  for (const auto number : {what.channel_id, what.profile_id, what.workspace_id, what.seq, what.change_seq}) {
    append_number(out, number);
  }
  out += what.frame;
  return out;
}

result<event> decode(std::string_view octets, const topic& via) {
  cursor in(octets);
  if (in.octet() != version) {
    return malformed("is of another version");
  }
  event made;
  const auto kind = in.octet();
  const auto flags = in.octet();
  made.channel_id = in.number();
  made.profile_id = in.number();
  made.workspace_id = in.number();
  made.seq = in.number();
  made.change_seq = in.number();
  if (!in.is_good() || kind >= event_kind_count || flags > flag_member) {
    return malformed("is broken");
  }
  made.what = static_cast<event_kind>(kind);
  made.is_member = flags == flag_member;
  if (!is_whole(made) || topic_of(made) != via) {
    return malformed("does not belong where it came");
  }
  if (!looks_like_frame(in.rest(), made.what)) {
    return malformed("has a frame that is none");
  }
  made.frame = in.rest();
  return made;
}

}  // namespace meridian::bus
