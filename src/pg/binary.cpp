#include "pg/binary.hpp"

#include <bit>
#include <chrono>
#include <limits>
#include <type_traits>

namespace meridian::pg::binary {
namespace {

// PostgreSQL counts microseconds from here.
constexpr meridian::timestamp epoch = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

template <class Number>
void append(std::string& out, Number value) {
  auto bits = static_cast<std::make_unsigned_t<Number>>(value);
  char octets[sizeof bits];
  for (std::size_t i = sizeof bits; i-- > 0; bits = static_cast<decltype(bits)>(bits >> 7 >> 1)) {
    octets[i] = static_cast<char>(bits & 0xFF);
  }
  out.append(octets, sizeof octets);
}

template <class Number>
bool read(std::string_view octets, Number& value) {
  if (octets.size() != sizeof value) {
    return false;
  }
  std::make_unsigned_t<Number> bits = 0;
  for (const char octet : octets) {
    bits = static_cast<decltype(bits)>(bits << 7 << 1 | static_cast<unsigned char>(octet));
  }
  value = static_cast<Number>(bits);
  return true;
}

template <class Wire, class Number>
bool widen(std::string_view octets, Number& value) {
  Wire narrow{};
  const bool is_read = read(octets, narrow);
  value = static_cast<Number>(narrow);
  return is_read;
}

// Takes one number off the front.
template <class Number>
bool take(std::string_view& octets, Number& value) {
  const bool is_read = read(octets.substr(0, sizeof value), value);
  octets.remove_prefix(is_read ? sizeof value : 0);
  return is_read;
}

bool is_text(oid type) {
  return type == oids::text || type == oids::varchar || type == oids::bpchar || type == oids::name ||
         type == oids::json || type == oids::unknown || type >= oids::first_user_defined;
}

}  // namespace

oid array_of(oid element) {
  switch (element) {
    case oids::boolean:
      return 1000;
    case oids::bytea:
      return 1001;
    case oids::bigint:
      return 1016;
    case oids::integer:
      return 1007;
    case oids::double_precision:
      return 1022;
    case oids::timestamptz:
      return 1185;
    default:
      return 1009;
  }
}

void encode(std::string& out, bool value) {
  out += value ? '\1' : '\0';
}
void encode(std::string& out, std::int32_t value) {
  append(out, value);
}
void encode(std::string& out, std::int64_t value) {
  append(out, value);
}
void encode(std::string& out, double value) {
  append(out, std::bit_cast<std::int64_t>(value));
}
void encode(std::string& out, std::string_view value) {
  out += value;
}
void encode(std::string& out, meridian::timestamp value) {
  append(out, std::int64_t{(value - epoch).count()});
}
void encode(std::string& out, const bytes& value) {
  out += value.octets;
}

bool decode(oid type, std::string_view octets, bool& value) {
  value = !octets.empty() && octets.front() != 0;
  return type == oids::boolean && octets.size() == 1;
}

bool decode(oid type, std::string_view octets, std::int32_t& value) {
  return (type == oids::integer && read(octets, value)) ||
         (type == oids::smallint && widen<std::int16_t>(octets, value));
}

bool decode(oid type, std::string_view octets, std::int64_t& value) {
  std::int32_t narrow = 0;
  if (type == oids::bigint) {
    return read(octets, value);
  }
  if (type == oids::oid_itself) {
    return widen<std::uint32_t>(octets, value);
  }
  const bool is_read = decode(type, octets, narrow);
  value = narrow;
  return is_read;
}

bool decode(oid type, std::string_view octets, double& value) {
  std::int64_t bits = 0;
  std::int32_t narrow_bits = 0;
  if (type == oids::real && read(octets, narrow_bits)) {
    value = std::bit_cast<float>(narrow_bits);
    return true;
  }
  const bool is_read = type == oids::double_precision && read(octets, bits);
  value = std::bit_cast<double>(bits);
  return is_read;
}

bool decode(oid type, std::string_view octets, std::string_view& value) {
  constexpr char jsonb_version = 1;
  if (type == oids::jsonb && !octets.empty() && octets.front() == jsonb_version) {
    value = octets.substr(1);
    return true;
  }
  value = octets;
  return is_text(type);
}

bool decode(oid type, std::string_view octets, std::string& value) {
  std::string_view view;
  const bool is_read = decode(type, octets, view);
  value = view;
  return is_read;
}

bool decode(oid type, std::string_view octets, meridian::timestamp& value) {
  using limits = std::numeric_limits<std::int64_t>;
  std::int64_t count = 0;
  if ((type != oids::timestamptz && type != oids::timestamp) || !read(octets, count)) {
    return false;
  }
  const std::int64_t offset = epoch.time_since_epoch().count();
  const bool is_infinite = count == limits::min() || count > limits::max() - offset;
  value = meridian::timestamp(std::chrono::microseconds(is_infinite ? count : count + offset));
  return true;
}

bool decode(oid type, std::string_view octets, bytes& value) {
  value.octets = octets;
  return type == oids::bytea;
}

bool decode(std::string_view octets, array& value) {
  std::int32_t dimensions = 0;
  std::int32_t has_null = 0;
  std::int32_t count = 0;
  std::int32_t lower_bound = 0;
  value.elements.clear();
  if (!take(octets, dimensions) || !take(octets, has_null) || !take(octets, value.type)) {
    return false;
  }
  if (dimensions == 0) {
    return octets.empty();
  }
  if (dimensions != 1 || !take(octets, count) || !take(octets, lower_bound)) {
    return false;
  }
  for (std::int32_t i = 0; i < count; ++i) {
    std::int32_t length = 0;
    if (!take(octets, length) || (length >= 0 && octets.size() < static_cast<std::size_t>(length))) {
      return false;
    }
    const auto size = length < 0 ? 0 : static_cast<std::size_t>(length);
    value.elements.push_back({length < 0, octets.substr(0, size)});
    octets.remove_prefix(size);
  }
  return octets.empty();
}

}  // namespace meridian::pg::binary
