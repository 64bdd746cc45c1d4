// PostgreSQL's binary formats (the send and recv functions of src/backend/utils/adt), value by value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace meridian::pg {

// Octets for a bytea, so that they are not taken for text.
struct bytes {
  std::string octets;

  friend bool operator==(const bytes&, const bytes&) = default;
};

}  // namespace meridian::pg

namespace meridian::pg::binary {

// A type's number in pg_type, the same on every server.
using oid = std::uint32_t;

namespace oids {
inline constexpr oid boolean = 16, bytea = 17, bigint = 20, smallint = 21, integer = 23, text = 25, oid_itself = 26;
inline constexpr oid json = 114, real = 700, double_precision = 701, unknown = 705, bpchar = 1042, varchar = 1043;
inline constexpr oid name = 19, timestamp = 1114, timestamptz = 1184, jsonb = 3802;
inline constexpr oid first_user_defined = 16384;
}  // namespace oids

// The array type of one of the types that `encode` writes.
oid array_of(oid element);

// The type that a C++ type is sent as, and its octets appended.
template <class Value>
inline constexpr oid oid_of = oids::text;
template <>
inline constexpr oid oid_of<bool> = oids::boolean;
template <>
inline constexpr oid oid_of<std::int32_t> = oids::integer;
template <>
inline constexpr oid oid_of<std::int64_t> = oids::bigint;
template <>
inline constexpr oid oid_of<double> = oids::double_precision;
template <>
inline constexpr oid oid_of<meridian::timestamp> = oids::timestamptz;
template <>
inline constexpr oid oid_of<bytes> = oids::bytea;

void encode(std::string& out, bool value);
void encode(std::string& out, std::int32_t value);
void encode(std::string& out, std::int64_t value);
void encode(std::string& out, double value);
void encode(std::string& out, std::string_view value);
void encode(std::string& out, meridian::timestamp value);
void encode(std::string& out, const bytes& value);

// False where the octets are not such a value. A smaller type may widen (int4 to int64_t, float4 to double), and what
// is text on the wire is text: json, jsonb, enumerations, domains over them.
bool decode(oid type, std::string_view octets, bool& value);
bool decode(oid type, std::string_view octets, std::int32_t& value);
bool decode(oid type, std::string_view octets, std::int64_t& value);
bool decode(oid type, std::string_view octets, double& value);
bool decode(oid type, std::string_view octets, std::string_view& value);
bool decode(oid type, std::string_view octets, std::string& value);
bool decode(oid type, std::string_view octets, meridian::timestamp& value);  // infinity is the last (or first) one
bool decode(oid type, std::string_view octets, bytes& value);

// The elements of an array of one dimension (or of none: an empty one).
struct array {
  struct element {
    bool is_null = false;
    std::string_view octets;
  };
  oid type = 0;
  std::vector<element> elements;
};
bool decode(std::string_view octets, array& value);

}  // namespace meridian::pg::binary
