// Frames of clients: whatever comes is read or refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "realtime/client_frame.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = meridian::realtime::parse_client_frame(text);
  if (read && read->profile_ids.size() > meridian::realtime::profiles_of_frame_max) {
    __builtin_trap();
  }
  return 0;
}
