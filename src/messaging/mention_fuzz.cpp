#include <cstddef>
#include <cstdint>

#include "messaging/mention.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto found = meridian::messaging::mentions_in({reinterpret_cast<const char*>(data), size});
  for (const auto id : found.profile_ids) {
    if (id <= 0) {
      __builtin_trap();
    }
  }
  if (found.profile_ids.size() > meridian::messaging::mentions_max) {
    __builtin_trap();
  }
  return 0;
}
