// Fuzzes how values of a row are read: from a server that may be broken, or somebody else's.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "pg/binary.hpp"

namespace {

namespace binary = meridian::pg::binary;

template <class Value>
void check_value(binary::oid type, std::string_view octets) {
  Value value{};
  if (!binary::decode(type, octets, value)) {
    return;
  }
  std::string again;
  binary::encode(again, value);
  Value same{};
  if (!binary::decode(binary::oid_of<Value>, again, same)) {
    std::abort();
  }
  if constexpr (std::is_same_v<Value, double>) {
    if (std::isnan(value)) {
      return;
    }
  }
  if (!(value == same)) {
    std::abort();
  }
}

void check_values(binary::oid type, std::string_view octets) {
  check_value<bool>(type, octets);
  check_value<std::int32_t>(type, octets);
  check_value<std::int64_t>(type, octets);
  check_value<double>(type, octets);
  check_value<std::string>(type, octets);
  check_value<meridian::pg::bytes>(type, octets);
}

}  // namespace

// The type in the first two octets, the value in the others. libFuzzer chose the name.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto type = static_cast<binary::oid>(data[0] << 8 | data[1]);
  const std::string_view octets(reinterpret_cast<const char*>(data) + 2, size - 2);
  check_values(type, octets);
  meridian::timestamp moment;
  binary::decode(type, octets, moment);
  binary::array list;
  if (binary::decode(octets, list)) {
    for (const auto& element : list.elements) {
      check_values(list.type, element.octets);
    }
  }
  return 0;
}
