// Whom a text calls: <@9> a person, @channel everybody in the channel, @here those of them who are around.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace meridian::messaging {

struct mentions {
  std::vector<std::int64_t> profile_ids;  // each once, in their order; at most mentions_max
  bool channel = false;
  bool here = false;

  bool calls_everybody() const { return channel || here; }
};

// More people are called with @channel.
inline constexpr std::size_t mentions_max = 50;

// @channel and @here count as words of their own only: not in "me@channel.org". What stands in `code` or in a block of
// ``` calls nobody. Any text is fine.
mentions mentions_in(std::string_view text);

}  // namespace meridian::messaging
