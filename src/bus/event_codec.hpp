// Events as they travel between processes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "bus/event.hpp"

namespace meridian::bus {

// Of a frame. A message of 40,000 letters that all take an escape has 240 kB, and as many reactions as it can have
// another 500 kB; servers take 1 MiB.
inline constexpr std::size_t frame_bytes_max = 1'000'000;

// Version, kind and flags, one octet each; channel, profile, workspace, seq and change_seq as LEB128; the frame. None
// for a frame above frame_bytes_max.
std::optional<std::string> encode(const event& what);

// An event that somebody else encoded, from the topic on which it came. invalid_argument for octets of another version,
// for what encode() would have written otherwise, for a kind without what belongs to it, for an event of another topic,
// and for a frame that is no line of UTF-8 that looks like {"type":"KIND",...}.
result<event> decode(std::string_view octets, const topic& via);

}  // namespace meridian::bus
