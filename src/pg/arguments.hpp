// The values of $1, $2, ... in PostgreSQL's binary formats (the send and recv functions of src/backend/utils/adt).
#pragma once

#include <cstdint>
#include <optional>
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

// Owned values, copied once into wire form. Movable; cheap to move. Each type stands for one SQL type:
//   bool boolean · int32_t integer · int64_t bigint · double double precision · text types text · timestamp timestamptz
//   · bytes bytea · optional<T> the same or NULL · vector<T> an array of one dimension (vector<optional<T>> with NULLs)
// Text must be valid UTF-8 without NUL. One value has at most 1 GB, one list at most 32,767 values.
class arguments {
 public:
  arguments() = default;

  template <class... Values>
  explicit arguments(const Values&... values) {
    (add(values), ...);
  }

  arguments& add(bool value);
  arguments& add(std::int32_t value);
  arguments& add(std::int64_t value);
  arguments& add(double value);
  arguments& add(std::string_view value);
  arguments& add(const std::string& value) { return add(std::string_view(value)); }
  arguments& add(const char* value) { return add(std::string_view(value)); }
  arguments& add(timestamp value);
  arguments& add(const bytes& value);

  template <class Value>
  arguments& add(const std::optional<Value>& value) {
    return value ? add(*value) : add_null<Value>();
  }

  arguments& add(const std::vector<bool>& values);
  arguments& add(const std::vector<std::int32_t>& values);
  arguments& add(const std::vector<std::int64_t>& values);
  arguments& add(const std::vector<std::string>& values);
  arguments& add(const std::vector<std::string_view>& values);
  arguments& add(const std::vector<bytes>& values);
  arguments& add(const std::vector<timestamp>& values);
  arguments& add(const std::vector<std::optional<std::int64_t>>& values);
  arguments& add(const std::vector<std::optional<std::string>>& values);

  std::size_t size() const { return types_.size(); }

 private:
  // ... (the implementation's)
  template <class Value>
  arguments& add_null();

  std::vector<unsigned> types_;
};

}  // namespace meridian::pg
