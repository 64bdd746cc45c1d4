#include <cstddef>
#include <cstdint>

#include "bus/event_codec.hpp"

// What is accepted is what encode() writes, on one topic only.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian::bus;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  int accepted = 0;
  for (const auto to : {audience::channel, audience::profile, audience::watchers}) {
    topic via;
    via.to = to;
    via.id = 1;
    if (const auto read = decode(octets, via)) {
      ++accepted;
      if (encode(*read) != octets || topic_of(*read) != via) {
        __builtin_trap();
      }
    }
  }
  if (accepted > 1) {
    __builtin_trap();
  }
  const auto named = parse_topic(octets);
  if (named && to_string(*named) != octets) {
    __builtin_trap();
  }
  return 0;
}
